import type { Diagnostic, LockHolder, Refusal } from "@fairway/infrastructure";
import { saysDamaged, toldDiagnostic } from "@fairway/infrastructure";

const most = 20;

/** Why the program said no, in lines for people; files are told from the repository's root. */
export function toldRefusal(refusal: Refusal, stack: string, folder: string): string {
  switch (refusal.outcome) {
    case "locked":
      return `the state of ${stack} is locked${heldBy(refusal.holder)}; wait until that has ended and try again`;
    case "stale":
      return `the plan of ${stack} is stale: its state has changed since; plan it again, and have that approved`;
    case "refused":
      return [
        ...refusal.diagnostics.slice(0, most).map((one) => toldDiagnostic(fromRoot(one, folder))),
        ...(refusal.diagnostics.length > most ? [`… and ${refusal.diagnostics.length - most} more`] : []),
        ...hints(refusal.diagnostics),
      ].join("\n");
  }
}

/** Who holds a lock, as the end of a sentence. */
export const heldBy = ({ id, who, operation, since }: LockHolder): string =>
  ` by ${who || "somebody"}${operation === "" ? "" : ` (${operation})`}${since === "" ? "" : ` since ${since}`}${id === "" ? "" : `, lock ${id}`}`;

const fromRoot = (diagnostic: Diagnostic, folder: string): Diagnostic =>
  diagnostic.file === null || folder === "." ? diagnostic : { ...diagnostic, file: `${folder}/${diagnostic.file}` };

/** What a person can do about what the program alone cannot know. */
function hints(diagnostics: readonly Diagnostic[]): readonly string[] {
  const said = diagnostics.map(({ summary, detail }) => `${summary} ${detail}`).join(" ");
  if (/(?:query available|resolve) provider packages|no available releases|could not retrieve the list/iu.test(said))
    return ["the machine reaches no registry that has this provider: see TF_CLI_CONFIG_FILE and a filesystem mirror"];
  if (/created by (?:a different version|\S+ v?\d)|plan file (?:was )?created|can't read plan/iu.test(said))
    return ["the plan was made by another version of the program: plan it again"];
  if (saysDamaged(said))
    return [
      "the state is damaged; put one that was kept back: fairway infrastructure state list ENVIRONMENT; where it is not Fairway that keeps it, move the damaged one away first",
    ];
  if (/no space left|file too large|disk quota/iu.test(said)) return ["make room, then try again"];
  return [];
}
