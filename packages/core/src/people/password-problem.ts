const shortest = 12;
const longest = 256;

/** What is wrong with a password, and what to do instead. */
export interface PasswordProblem {
  readonly problem: string;
  readonly hint?: string;
}

/** The same password, whatever keyboard it was typed on. */
export const passwordAsTyped = (password: string): string => password.normalize("NFC");

/** Why a password is not taken, or null. What makes one good is its length; which characters it has is nobody's business. */
export function passwordProblem(password: string): PasswordProblem | null {
  const characters = Array.from(passwordAsTyped(password));
  if (characters.length < shortest)
    return {
      problem: `a password has at least ${shortest} characters`,
      hint: "a few words that do not belong together are easy to remember",
    };
  if (characters.length > longest) return { problem: `a password has at most ${longest} characters` };
  if (new Set(characters).size < 4) return { problem: "a password is more than one character again and again" };
  return null;
}
