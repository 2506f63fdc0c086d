import type { Environment, Release, Rollout } from "@fairway/core";
import { codeOf, environmentOf, rolloutId, runId, scopeOf } from "@fairway/core";
import type { LeftRelease } from "../store/left-warm.ts";
import { idleEnder } from "./idle-ender.ts";
import type { PlaceParts } from "./place-of.ts";
import { placeOf } from "./place-of.ts";
import { restartPause } from "./restart-pause.ts";

/** What the keeper must know about an environment that nobody is changing. */
export interface Quiet {
  readonly environment: string;
  readonly release: Release;
  /** The release of each service that is to run another one. */
  readonly mixed?: ReadonlyMap<string, Release>;
  /** The fence of the last change. Whoever changes the environment next has a higher one and shuts the keeper out. */
  readonly fence: number;
  /** What the last change may have left warm, for the way back. */
  readonly left: LeftRelease | null;
}

/**
 * Keeps what should run running: starts again what died, with a growing pause when it keeps dying. And ends what a
 * deployment left warm, once its time is over.
 */
export interface Keeper {
  /**
   * Looks once at every service of the environments that run something and that nobody is changing. Does not throw; tells
   * `trouble`.
   */
  look(environments: readonly Quiet[]): Promise<void>;
  /** What does not run as it should and when it is tried again, a sentence for each service. */
  troubles(): readonly string[];
}

export interface KeeperParts extends PlaceParts {
  /** By a clock that nobody can set: a pause must not end or last because somebody did. */
  readonly now: () => number;
  /** Milliseconds since 1970: how long a set is warm must hold through a restart. */
  readonly clock: () => number;
  /** Whether an environment sleeps: nothing of it runs until somebody asks for it. Nothing sleeps when left out. */
  readonly isAsleep?: ((environment: string) => boolean) | undefined;
  /** Told about each service that could not be looked at, and about each replica that died or was started again. */
  readonly tell: (scope: string, message: string) => void;
}

export function keeper(parts: KeeperParts): Keeper {
  const pauses = new Map<string, ReturnType<typeof restartPause>>();
  const idle = idleEnder(parts.clock, parts.tell);

  function pauseOf(scope: string, release: Release): ReturnType<typeof restartPause> {
    const known = pauses.get(scope);
    const pause = known?.release === release.id ? known : restartPause(release.id);
    pauses.set(scope, pause);
    return pause;
  }

  async function keep({ environment, fence, left }: Quiet, { release, placement: service }: Kept): Promise<void> {
    const scope = scopeOf(environment, service.service);
    const pause = pauseOf(scope, release);
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
    try {
      const target = parts.places.targetOf(placeOf(parts, release, environment, service.service));
      if (parts.isAsleep?.(environment) === true) {
        await target.rest?.(wanted);
        return;
      }
      const found = await target.keep?.(wanted, pause.left(parts.now()) > 0 ? "later" : "now");
      if (!found) return;
      for (const message of pause.looked(found, parts.now())) parts.tell(scope, message);
      const patience = environmentOf(release.project, environment)?.deadline ?? 0;
      idle.look({ target, wanted, placement: service, found, left, patience });
    } catch (thrown) {
      // A deployment has taken the environment since we asked; it looks after the service now.
      if (codeOf(thrown) === "fenced") return;
      for (const message of pause.failed(thrown, parts.now())) parts.tell(scope, message);
    }
  }

  return {
    async look(environments) {
      const all = environments.flatMap((quiet) => keptIn(quiet).map((kept) => ({ quiet, kept })));
      const scopes = new Set(all.map(({ quiet, kept }) => scopeOf(quiet.environment, kept.placement.service)));
      // Whoever changes an environment begins anew, and what was retired is nobody's trouble.
      for (const scope of pauses.keys()) if (!scopes.has(scope)) pauses.delete(scope);
      await Promise.all(all.map(({ quiet, kept }) => keep(quiet, kept)));
    },

    troubles: () =>
      [...pauses].flatMap(([scope, pause]) => {
        const waiting = pause.waiting(parts.now());
        return waiting === null ? [] : [`${scope}: ${waiting}`];
      }),
  };
}

/** One service that is to run, as its release wants it. */
interface Kept {
  readonly release: Release;
  readonly placement: Environment["placements"][number];
}

/** The services that are to run in an environment, each of the release that it is to run. */
function keptIn({ environment, release, mixed }: Quiet): readonly Kept[] {
  const own = placementsIn(environment, release).filter(({ service }) => !mixed?.has(service));
  const others = [...(mixed ?? [])].flatMap(([name, other]) =>
    placementsIn(environment, other)
      .filter(({ service }) => service === name)
      .map((placement) => ({ release: other, placement })),
  );
  return [...own.map((placement) => ({ release, placement })), ...others];
}

/** The services of a release that are to run in an environment. */
function placementsIn(environment: string, release: Release): readonly Environment["placements"][number][] {
  const { project, parts } = release;
  const known = project.environments.find(({ name }) => name === environment);
  return (known?.placements ?? [])
    .filter(({ service }) => parts.some((part) => part.service === service))
    .filter(({ service }) => project.services.some(({ name, run }) => name === service && run !== null));
}
