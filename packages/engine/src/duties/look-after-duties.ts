import { cronClock } from "@fairway/config";
import type { ControlOptions } from "../control/control.ts";
import type { DutyRunControl } from "../duty-runs/duty-run-control.ts";
import { listReleases } from "../store/releases.ts";
import type { Store } from "../store/store.ts";
import type { DutyControl } from "./duty-control.ts";
import { remindOfDuties, settleDuties } from "./settle-duties.ts";

/** Reads the duties of the newest release's commit, begins what is due by itself, settles the times that are over, and reminds owners. May be repeated. */
export async function lookAfterDuties(
  { store, duties, runs }: { readonly store: Store; readonly duties: DutyControl; readonly runs: DutyRunControl },
  log: ControlOptions["log"],
): Promise<void> {
  const [newest] = await listReleases(store, { limit: 1, forEnvironments: true });
  const { looked } = await duties.reader.inForce();
  if (newest !== undefined && newest.revision.sha !== looked) {
    const { problems, held } = await duties.reader.look(newest.revision.sha);
    for (const problem of problems) log("warn", `the duties of ${newest.revision.short} do not hold: ${problem}`);
    if (held !== null)
      log(
        "warn",
        `the duties of ${newest.revision.short} ask for less, and wait for the gate's owner: ${held.weaker.join("; ")}`,
      );
  }
  await runs.beginDue();
  await settleDuties({ store, duties, clock: cronClock, now: Date.now, tell: (message) => log("warn", message) });
  await remindOfDuties({ store, duties, now: Date.now });
}
