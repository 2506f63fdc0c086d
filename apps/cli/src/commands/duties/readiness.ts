import type { GateDecisionShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, columns, harmless, print, printJson, wrap } from "../../output/terminal.ts";

/** `fairway readiness`: exit code 1 says that the environment takes no release. */
export async function readiness(
  [environment = ""]: readonly string[],
  options: GlobalOptions & { readonly release?: string },
): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("readiness", { environment, release: options.release });
  if (options.json) printJson(found);
  else for (const line of decisionLines(found)) print(line);
  return found.ready ? 0 : 1;
}

/** `fairway duties replay`: exit code 1 says that a decision comes out otherwise than it did. */
export async function replayDecision([row = ""]: readonly string[], options: GlobalOptions): Promise<number> {
  const number = Number(row);
  if (!Number.isInteger(number) || number < 1)
    throw new FairwayError("bad_request", `${JSON.stringify(row)} is no row of the record`, {
      hint: "see which there are: fairway audit list --action gate.decided",
    });
  const client = await daemonClient(options);
  const found = await client.call("replayDecision", { number });
  if (options.json) printJson(found);
  else {
    print(
      found.same
        ? `it comes out the same: ${found.digest}`
        : `it does NOT come out the same: then it was ${found.digest}`,
    );
    for (const line of decisionLines(found.decision)) print(line);
  }
  return found.same ? 0 : 1;
}

/** A sentence, then each duty that the gate names. */
function decisionLines({ sentence, rows }: GateDecisionShape): readonly string[] {
  return [
    ...wrap(bold(harmless(sentence)), columns()),
    ...(rows.length === 0
      ? []
      : table(
          ["", "duty", "state", "why"],
          rows.map(({ duty, state, why, blocks, passedBy }) => [
            blocks ? "✗" : passedBy === null ? "✓" : passedBy,
            harmless(duty),
            state,
            harmless(why),
          ]),
        )),
  ];
}
