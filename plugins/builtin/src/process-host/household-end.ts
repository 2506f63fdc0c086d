import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ProcessIdentity } from "./process-identity.ts";
import { isRunning } from "./process-identity.ts";
import type { Household } from "./replica-processes.ts";
import { processesOf, signal } from "./replica-processes.ts";
import { uptime } from "./replica-record.ts";

/** How long the kernel may take to end what got SIGKILL; only a process stuck in a device takes longer. */
const killWithin: Millis = 10_000;

/**
 * Ends everything that still runs of a replica whose service has ended: SIGTERM, and SIGKILL from `deadline` (by uptime)
 * on. Returns when nothing is left. Throws `deadline_passed` when something cannot be ended.
 */
export async function endHousehold(household: Household, deadline: Millis): Promise<void> {
  const told = new Map<number, ProcessIdentity>();
  for (let wait = 5; ; wait = Math.min(wait * 2, 100)) {
    const left = processesLeft(household, told);
    if (left.length === 0) return;
    const late = uptime() - deadline;
    if (late > killWithin) throw stuck(household, left);
    for (const found of left) {
      // The shim ends by itself once its child has, and has an exit code to write first.
      if (late >= 0 && (found.pid !== household.shim?.pid || late > 1000)) signal(found, "SIGKILL");
      else if (!told.has(found.pid) && found.pid !== household.shim?.pid) signal(found, "SIGTERM");
      told.set(found.pid, found);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Those that are found now, and those that were told to end and are at it: they lose their mark before their sockets. */
function processesLeft(household: Household, told: ReadonlyMap<number, ProcessIdentity>): readonly ProcessIdentity[] {
  const found = processesOf(household);
  const pids = new Set(found.map(({ pid }) => pid));
  return [...found, ...[...told.values()].filter((one) => !pids.has(one.pid) && isRunning(one))];
}

const stuck = (household: Household, left: readonly ProcessIdentity[]): FairwayError =>
  new FairwayError(
    "deadline_passed",
    `processes ${left.map((found) => found.pid).join(", ")} of ${household.home} are still there ${killWithin / 1000} s after SIGKILL`,
    { hint: "They wait for a device or a file system that does not answer; look at them with ps.", retryable: true },
  );
