import type { Millis, Project } from "@fairway/core";
import { environmentOf } from "@fairway/core";

/** Many pages ask at once when a flag has changed; the configuration need not be read for each. */
const good: Millis = 2_000;

/**
 * The host names of an environment's routes. The configuration is read now and then, and while it cannot be read what
 * it said last counts.
 */
export function pageHosts(
  project: () => Promise<Project | null>,
  now: () => Millis = () => performance.now(),
): (environment: string) => Promise<readonly string[]> {
  let last: Project | null = null;
  let readAt = -Infinity;
  return async (environment) => {
    if (now() - readAt > good) {
      last = await project().catch(() => last);
      readAt = now();
    }
    const placements = last === null ? [] : (environmentOf(last, environment)?.placements ?? []);
    return placements.flatMap(({ routes }) => routes.map(({ host }) => host));
  };
}
