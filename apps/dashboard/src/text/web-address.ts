/**
 * An address that somebody wrote, for a link: undefined, which makes a link that leads nowhere, unless a browser takes it for
 * http or https. What is written is checked too, but a link that runs a script is not left to one check.
 */
export function webAddress(written: string | null | undefined): string | undefined {
  if (written === null || written === undefined || !URL.canParse(written)) return undefined;
  const { protocol } = new URL(written);
  return protocol === "https:" || protocol === "http:" ? written : undefined;
}
