import { Script } from "node:vm";
import { FairwayError } from "@fairway/core";

const script = new Script("work()");
const holder = globalThis as { work?: () => unknown };

/**
 * Runs work that does not yield, and stops it where it stands when it takes longer: the parser is not ours, and a text
 * that nobody has thought of must not stop the daemon for good. Not for work that waits.
 */
export function withDeadline<T>(millis: number, what: string, work: () => T): T {
  const before = holder.work;
  holder.work = work;
  try {
    return script.runInThisContext({ timeout: millis }) as T;
  } catch (thrown) {
    if ((thrown as { code?: unknown } | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw thrown;
    throw new FairwayError("deadline_passed", `${what} took longer than ${millis / 1000} s`, { cause: thrown });
  } finally {
    if (before === undefined) delete holder.work;
    else holder.work = before;
  }
}
