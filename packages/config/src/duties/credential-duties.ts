import type { Credential, Duty } from "@fairway/core";
import type { Problem } from "../problems.ts";
import type { DutyFacts } from "./duty-of.ts";
import { didYouMean } from "../problems.ts";
import { writtenDuty } from "./duty-of.ts";
import type { DutySource } from "./read-duty-file.ts";
import { runKinds } from "./duty-run-of.ts";
import type { WrittenCredentials, WrittenDutyRun } from "./written-duties.ts";

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

/** What can show it: that a key works says nothing of an exchange. */
const shownBy: Readonly<Record<keyof typeof kinds, readonly (keyof WrittenDutyRun)[]>> = {
  rotate: ["rotation", "command", "playbook"],
  health: ["probe", "awsKey", "command", "playbook"],
  "access-review": ["command", "playbook"],
};

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
    for (const problem of fallbackProblems(name, credentials, source)) problems.set(`${name} fallback`, problem);
    const owed = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((one) => written[one] !== undefined);
    if (owed.length === 0)
      problems.set(
        name,
        source.problem(at, "missing", "nothing is owed of it", "give it one of rotate, health, access-review", "key"),
      );
    const named = environments.find((one, place) => environments.indexOf(one) !== place);
    if (named !== undefined)
      problems.set(
        `${name} environments`,
        source.problem([...at, "environments"], "duplicate", `${named} is there twice`, "keep one of the two"),
      );
    for (const what of owed) {
      const [other] = runKinds.filter(
        (kind) => written[what]?.run?.[kind] !== undefined && !shownBy[what].includes(kind),
      );
      if (other !== undefined)
        problems.set(
          `${name} ${what} run`,
          source.problem(
            [...at, what, "run", other],
            "impossible",
            `what is to be done is: ${kinds[what]}; no ${other} shows that`,
            `write one of ${shownBy[what].join(", ")}, or leave \`run\` out and say it yourselves`,
            "key",
          ),
        );
      for (const environment of new Set(environments)) {
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
        const standIn = what === "health" && written.fallback !== undefined;
        const fallback = standIn ? { fallback: `credential/${written.fallback}@${environment}:health` } : {};
        duties.push(...found.duties.map((duty) => ({ ...duty, ...fallback })));
        // Told once, however many environments it is of.
        for (const problem of found.problems)
          problems.set(`${problem.line}:${problem.column}:${problem.message}`, problem);
      }
    }
  }
  return { duties, problems: [...problems.values()] };
}

type Written = WrittenCredentials["credentials"];

/** What stands in for a credential is looked at as it is, wherever it is. */
function fallbackProblems(name: string, all: Written, source: DutySource<unknown>): readonly Problem[] {
  const { fallback, health, environments } = all[name] ?? {};
  if (fallback === undefined) return [];
  const problem = (
    message: string,
    hint: string,
    code: "unknown_name" | "wrong_value" | "missing",
  ): readonly Problem[] => [source.problem(["credentials", name, "fallback"], code, message, hint)];
  if (fallback === name) return problem("it cannot stand in for itself", "name another credential", "wrong_value");
  const names = (source.namesBelow("credentials") ?? []).filter((one) => one !== name);
  if (!names.includes(fallback))
    return problem(
      `there is no credential "${fallback}"`,
      didYouMean(fallback, names) ?? "name one of this file",
      "unknown_name",
    );
  const other = all[fallback];
  // What is wrong with the other is told of it.
  if (other === undefined) return [];
  if (health === undefined || other.health === undefined)
    return problem(
      `nobody looks whether ${health === undefined ? name : fallback} works`,
      `give ${health === undefined ? name : fallback} a health`,
      "missing",
    );
  const lacking = (environments ?? []).filter((one) => !other.environments.includes(one));
  return lacking.length === 0
    ? []
    : problem(
        `${fallback} is not of ${lacking.join(", ")}`,
        `add it to the environments of ${fallback}`,
        "wrong_value",
      );
}
