import type { Service, ServiceCheck } from "@fairway/core";
import type { ReleaseFacts } from "./release-run.ts";

/** A check that a run leaves out, and why. */
export interface CheckNotRun {
  /** `service/check`. */
  readonly check: string;
  readonly why: string;
}

/** What becomes of a service's checks in one run. */
export interface ChecksToRun {
  readonly run: readonly ServiceCheck[];
  readonly notRun: readonly CheckNotRun[];
}

/**
 * Leaves out the checks whose programs this machine does not have, and those that were green for the very same inputs. A
 * tag is what people go back to, so for a tag everything is asked again.
 */
export function checksToRun(service: Service, facts: ReleaseFacts): ChecksToRun {
  const notRun: CheckNotRun[] = [];
  const run = service.checks.filter(({ name }) => {
    const check = `${service.name}/${name}`;
    const why = facts.absentTools.get(check) ?? (facts.revision.isTag ? undefined : whyGreen(service, check, facts));
    if (why !== undefined) notRun.push({ check, why });
    return why === undefined;
  });
  const names = new Set(run.map(({ name }) => name));
  // What is left out keeps nobody waiting.
  const waiting = run.map((check) =>
    check.needs === undefined ? check : { ...check, needs: check.needs.filter((needed) => names.has(needed)) },
  );
  return { run: waiting, notRun };
}

function whyGreen(service: Service, check: string, facts: ReleaseFacts): string | undefined {
  const green = facts.green.get(check);
  if (green !== undefined) return `nothing changed since ${green.short}, where it was green (${green.run})`;
  // Its artifact was made after its checks had said yes.
  const built = facts.reusable.get(service.name);
  return built === undefined ? undefined : `nothing changed since ${built.builtIn}, which was made of it`;
}
