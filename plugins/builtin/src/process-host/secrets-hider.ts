/** Shorter values hit so many innocent words that the text is lost, and the holes give the value away. */
const shortest = 4;

/**
 * Takes secrets out of a text that is there as a whole: as they are, each line of them, and as tools write them. The
 * engine masks streams of bytes with far more spellings; a reason has a few lines.
 */
export function secretsHider(secrets: readonly string[]): (text: string) => string {
  const lines = secrets.flatMap((secret) => [secret.trim(), ...secret.split(/[\r\n]+/).map((line) => line.trim())]);
  const forms = new Set(lines.filter((line) => line.length >= shortest).flatMap(formsOf));
  // The longest first: a secret may hold another.
  const all = [...forms].toSorted((a, b) => b.length - a.length);
  return (text) => all.reduce((rest, form) => rest.replaceAll(form, () => "***"), text);
}

function formsOf(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString("base64").replace(/=+$/, "");
  const uri = encodeURIComponent(Buffer.from(value).toString());
  return [value, JSON.stringify(value).slice(1, -1), uri, uri.replaceAll("%20", "+"), base64, base64url(base64)];
}

const base64url = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_");
