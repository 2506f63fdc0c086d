import type { DutiesShape, DutyShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { dim, harmless, print, printJson } from "../../output/terminal.ts";

interface ListOptions extends GlobalOptions {
  readonly env?: string;
  readonly owner?: string;
  readonly state?: string;
  readonly release?: string;
}

/** `fairway duties`. */
export async function listDuties(_args: readonly string[], options: ListOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("duties", { env: options.env, release: options.release });
  const { owner, state } = options;
  if (state !== undefined && !worstFirst.includes(state))
    throw new FairwayError("bad_request", `no duty is ever "${state}"`, { hint: `there are ${worstFirst.join(", ")}` });
  const duties = found.duties.filter(
    (duty) => (owner === undefined || duty.owner === owner) && (state === undefined || duty.state === state),
  );
  if (options.json) return printJson({ ...found, duties });
  if (found.duties.length > 0 && duties.length === 0) return print(`none of ${found.duties.length} is like that`);
  for (const line of dutyLines({ ...found, duties })) print(line);
}

const worstFirst = ["failing", "overdue", "unknown", "due", "ok"];

/** The duties as a table, the worst first, and what keeps newer ones from holding. */
export function dutyLines({ duties, problems, held, looked }: DutiesShape): readonly string[] {
  const rows = duties
    .toSorted((one, other) => worstFirst.indexOf(one.state) - worstFirst.indexOf(other.state))
    .map((duty) => [
      duty.waiver === null ? duty.state : `${duty.state}, waived`,
      harmless(duty.id),
      harmless(duty.owner),
      duty.dueAt?.slice(0, 10) ?? "–",
      lastOf(duty),
      harmless(duty.why),
    ]);
  return [
    ...(duties.length === 0
      ? ["nothing is owed: write duties into ops/, and see docs/how-to/duties.md"]
      : table(["state", "duty", "owner", "due", "last shown", "why"], rows)),
    ...(problems.length === 0
      ? []
      : [`the duties of ${harmless(looked ?? "")} do not hold:`, ...problems.map(harmless)]),
    ...(held === null
      ? []
      : [
          `the duties of ${harmless(held.commit)} ask for less and wait for the gate's owner: fairway duties accept ${harmless(held.commit.slice(0, 12))}`,
          ...held.weaker.map((line) => dim(`  ${harmless(line)}`)),
        ]),
  ];
}

const lastOf = ({ last }: DutyShape): string =>
  last === null
    ? "never"
    : harmless(`${last.outcome} ${last.observedAt.slice(0, 10)} by ${last.automation ?? last.by}`);
