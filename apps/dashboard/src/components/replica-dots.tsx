import type { EnvironmentShape } from "@fairway/api";
import type { ReactElement } from "react";

type Replica = EnvironmentShape["services"][number]["replicas"][number];

/** So many are drawn; the number beside them is of all. */
const most = 24;

/**
 * Replicas as small squares: filled when ready, open while starting, crossed out when failed; another release's are striped.
 */
export function ReplicaDots({
  replicas,
  desired,
  ready,
  current,
}: {
  readonly replicas: readonly Replica[];
  readonly desired: number;
  readonly ready: number;
  readonly current: string | null;
}): ReactElement {
  const alive = replicas.filter(({ state }) => state !== "stopped").slice(0, most);
  return (
    <span className="replicas" role="img" aria-label={`${ready} of ${desired} replicas ready`}>
      <span className="num" data-short={ready < desired ? "" : undefined}>
        {ready}/{desired}
      </span>
      <span className="replicas-dots">
        {alive.map(({ name, state, release }) => (
          <i
            key={name}
            data-replica={state}
            data-other={current !== null && release !== current ? "" : undefined}
            title={`${name}: ${release}, ${state}`}
          />
        ))}
      </span>
    </span>
  );
}
