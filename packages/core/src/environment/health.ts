/** What is known of one service of an environment. */
export interface ServiceHealth {
  readonly name: string;
  readonly desired: number;
  readonly ready: number;
  /** Why its replicas could not be looked at; null when they could. */
  readonly problem: string | null;
  /** What its users are told instead of being served; null when it is open. */
  readonly maintenance: string | null;
}

/**
 * How an environment is. `down`: a service has no replica that is ready; `degraded`: fewer than it should have, or closed
 * for maintenance; `unknown`: nobody can say; `empty`: nothing is to run there.
 */
export interface EnvironmentHealth {
  readonly state: "healthy" | "degraded" | "down" | "unknown" | "empty";
  /** Which services, and why, a sentence each; empty when all is well. */
  readonly because: readonly string[];
}

const worst = ["down", "unknown", "degraded"] as const;

/** How an environment is, by its services: the worst of them tells. */
export function healthOf(services: readonly ServiceHealth[]): EnvironmentHealth {
  if (services.length === 0) return { state: "empty", because: [] };
  const found = services.flatMap(troubleOf);
  return {
    state: worst.find((state) => found.some((one) => one.state === state)) ?? "healthy",
    because: found.map(({ because }) => because),
  };
}

function troubleOf({ name, desired, ready, problem, maintenance }: ServiceHealth): readonly {
  readonly state: (typeof worst)[number];
  readonly because: string;
}[] {
  if (problem !== null) return [{ state: "unknown", because: `${name} could not be looked at: ${problem}` }];
  if (ready === 0 && desired > 0) return [{ state: "down", because: `${name} has no replica that is ready` }];
  if (ready < desired) return [{ state: "degraded", because: `${name} has ${ready} of ${desired} replicas ready` }];
  if (maintenance !== null) return [{ state: "degraded", because: `${name} is closed for maintenance` }];
  return [];
}
