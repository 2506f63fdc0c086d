/** Whatever it holds, in HAProxy's file it is one word that means only itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
