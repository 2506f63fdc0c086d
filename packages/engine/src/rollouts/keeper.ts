import type { Environment, Release, Rollout } from "@fairway/core";
import { messageOf, rolloutId, runId, scopeOf } from "@fairway/core";
import type { PlaceParts } from "./place-of.ts";
import { placeOf } from "./place-of.ts";

/** What the keeper must know about an environment that nobody is changing. */
export interface Quiet {
  readonly environment: string;
  readonly release: Release;
  /** The fence of the last change. Whoever changes the environment next has a higher one and shuts the keeper out. */
  readonly fence: number;
}

/** Keeps what should run running: starts again what died, with a growing pause when it keeps dying. */
export interface Keeper {
  /** Looks once at every service of every environment that nobody is changing. Does not throw; tells `trouble`. */
  look(): Promise<void>;
}

export interface KeeperParts extends PlaceParts {
  /** The environments that run something and that no deployment holds. */
  readonly quiet: () => Promise<readonly Quiet[]>;
  readonly now: () => number;
  /** Told about each service that could not be looked at, and about each replica that was started again. */
  readonly tell: (scope: string, message: string) => void;
}

const shortestPause = 1000;
const longestPause = 60_000;
/** A service that has run this long without dying starts with the shortest pause again. */
const calm = 5 * 60_000;

interface Trouble {
  readonly pause: number;
  readonly since: number;
}

export function keeper(parts: KeeperParts): Keeper {
  const troubles = new Map<string, Trouble>();

  async function keep({ environment, release, fence }: Quiet, service: Environment["placements"][number]): Promise<void> {
    const scope = scopeOf(environment, service.service);
    const trouble = troubles.get(scope);
    if (trouble && parts.now() - trouble.since < trouble.pause) return;
    const wanted: Rollout = {
      id: rolloutId(runId(0), scope),
      environment,
      service: service.service,
      from: null,
      to: release.id,
      desired: service.replicas,
      strategy: service.strategy,
      token: { scope, epoch: fence, holder: "keeper" },
    };
    const found = await parts.places.targetOf(placeOf(parts, release, environment, service.service)).keep?.(wanted);
    if (found && found.restarted.length > 0) {
      troubles.set(scope, { pause: nextPause(trouble, parts.now()), since: parts.now() });
      parts.tell(scope, `started again: ${found.restarted.join(", ")}`);
    }
  }

  return {
    async look() {
      for (const quiet of await parts.quiet()) {
        const known = quiet.release.project.environments.find(({ name }) => name === quiet.environment);
        const kept = (known?.placements ?? []).filter(({ service }) => quiet.release.parts.some((part) => part.service === service));
        await Promise.all(
          kept
            .filter(({ service }) => quiet.release.project.services.some(({ name, run }) => name === service && run !== null))
            .map((placement) =>
              keep(quiet, placement).catch((thrown: unknown) => {
                parts.tell(scopeOf(quiet.environment, placement.service), `could not be looked after: ${messageOf(thrown)}`);
              }),
            ),
        );
      }
    },
  };
}

function nextPause(before: Trouble | undefined, now: number): number {
  if (!before || now - before.since > calm) return shortestPause;
  return Math.min(longestPause, before.pause * 2);
}
