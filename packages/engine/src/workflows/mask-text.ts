import { Masker } from "../commands/masker.ts";
import { secretForms } from "../commands/secret-forms.ts";

/** A text that people read outside of a log, with the same values unreadable as there. */
export function maskText(text: string, secrets: Iterable<string>): string {
  const forms = secretForms([...secrets]);
  if (forms.length === 0) return text;
  const masker = new Masker(forms);
  return Buffer.concat([masker.push(Buffer.from(text)), masker.end()]).toString("utf8");
}
