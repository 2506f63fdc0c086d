/**
 * What a text holds that PostgreSQL cannot keep in a column of text, no process can be given, and no UTF-8 can be made of;
 * undefined for one that is well.
 */
export const unkeepable = (text: string): string | undefined =>
  text.includes("\0") ? "a NUL character" : text.isWellFormed() ? undefined : "half of a character";
