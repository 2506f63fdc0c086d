import { cronClock } from "@fairway/config";
import type { ControlOptions } from "../control/control.ts";
import { inTurn } from "../control/one-by-one.ts";
import type { DutyRunControl } from "../duty-runs/duty-run-control.ts";
import type { Release } from "@fairway/core";
import { listReleases } from "../store/releases.ts";
import type { Store } from "../store/store.ts";
import type { DutyControl } from "./duty-control.ts";
import type { DutiesInForce } from "./duties-in-force.ts";
import { tellFailingTogether } from "./failing-together.ts";
import { tellRemediedLate } from "./remedied-late.ts";
import { remindOfDuties, settleDuties } from "./settle-duties.ts";

/**
 * Reads the duties of the newest release's commit unless others were read since it was made, begins what is due by itself,
 * settles the times that are over, reminds owners, and tells of what was to be well and is not. May be repeated.
 */
export async function lookAfterDuties(
  { store, duties, runs }: { readonly store: Store; readonly duties: DutyControl; readonly runs: DutyRunControl },
  log: ControlOptions["log"],
): Promise<void> {
  const read = async (): Promise<void> => {
    const [newest] = await listReleases(store, { limit: 1, forEnvironments: true });
    if (newest === undefined || !asksToBeRead(newest, await duties.reader.inForce())) return;
    const { problems, held } = await duties.reader.look(newest.revision.sha);
    for (const problem of problems) log("warn", `the duties of ${newest.revision.short} do not hold: ${problem}`);
    if (held !== null)
      log(
        "warn",
        `the duties of ${newest.revision.short} ask for less, and wait for the gate's owner: ${held.weaker.join("; ")}`,
      );
  };
  const settle = { store, duties, clock: cronClock, now: Date.now, tell: (message: string) => log("warn", message) };
  // A commit that cannot be read or a run that cannot be begun is no reason to remind nobody.
  await inTurn(
    read,
    async () => void (await runs.beginDue()),
    async () => void (await settleDuties(settle)),
    async () => void (await remindOfDuties({ store, duties, now: Date.now })),
    () => tellRemediedLate({ store, duties, now: Date.now }),
    () => tellFailingTogether({ store, duties }),
  );
}

/**
 * Whether the duties of a release's commit are still to be read. Those that somebody read since it was made are newer, and
 * stay.
 */
export const asksToBeRead = (
  { revision, createdAt }: Pick<Release, "revision" | "createdAt">,
  { looked, lookedAt }: Pick<DutiesInForce, "looked" | "lookedAt">,
): boolean => revision.sha !== looked && (lookedAt === undefined || createdAt > lookedAt);
