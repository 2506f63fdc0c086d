import type { Credential, Duty } from "@fairway/core";
import type { Problem } from "../problems.ts";
import type { DutyFacts } from "./duty-of.ts";
import { writtenDuty } from "./duty-of.ts";
import type { DutySource } from "./read-duty-file.ts";
import type { WrittenCredentials } from "./written-duties.ts";

const kinds = {
  rotate: "exchange it, and show that the old one is refused",
  health: "see that it works",
  "access-review": "review who has it",
} as const;

/** The credentials themselves, as the inventory lists them. */
export const credentialsOf = ({ credentials }: WrittenCredentials): readonly Credential[] =>
  Object.entries(credentials).map(([id, { vendor, kind, environments, owner, store = null, consumers = [] }]) => ({
    ...{ id, vendor, kind, environments, owner, store, consumers },
  }));

/** What is owed of credentials, each in each of its environments. */
export function credentialDuties(
  source: DutySource<unknown>,
  { credentials }: WrittenCredentials,
  facts: DutyFacts,
): { readonly duties: readonly Duty[]; readonly problems: readonly Problem[] } {
  const duties: Duty[] = [];
  const problems = new Map<string, Problem>();
  for (const [name, written] of Object.entries(credentials)) {
    const at = ["credentials", name];
    const { vendor, kind, environments, owner, escalation, task, automation, remind } = written;
    const owed = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((one) => written[one] !== undefined);
    if (owed.length === 0)
      problems.set(
        name,
        source.problem(at, "missing", "nothing is owed of it", "give it one of rotate, health, access-review", "key"),
      );
    for (const what of owed)
      for (const environment of environments) {
        const found = writtenDuty(
          {
            secret: written.store,
            consumed: (written.consumers ?? []).length > 0,
            id: `credential/${name}@${environment}:${what}`,
            at: [...at, what],
            written: {
              title: `${vendor} ${kind}: ${kinds[what]}`,
              ...{ owner, escalation, task, automation, remind, environment },
              ...written[what],
            },
          },
          source,
          facts,
        );
        duties.push(...found.duties);
        // Told once, however many environments it is of.
        for (const problem of found.problems)
          problems.set(`${problem.line}:${problem.column}:${problem.message}`, problem);
      }
  }
  return { duties, problems: [...problems.values()] };
}
