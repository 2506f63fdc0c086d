import type { HealthCheck, HealthSighting, Millis, Timestamp } from "@fairway/core";
import { withSighting } from "@fairway/core";
import type { HealthAnswer } from "./health-probe.ts";
import { askHealth } from "./health-probe.ts";
import { holderOf, portsOf, strangerOn } from "./listening-sockets.ts";
import { sightingOf } from "./replica-left.ts";
import { uptime } from "./replica-record.ts";
import type { WakeablePause } from "./wakeable-pause.ts";

/** What is on record of a replica whose health is asked, whatever it runs in. */
export interface WatchedRecord {
  readonly port: number;
  readonly health: HealthCheck;
  readonly startedAtUptime: Millis;
  readonly readyAt: Timestamp | null;
  readonly stopBy: Millis | null;
  readonly sightings?: readonly HealthSighting[];
}

/** A replica as the one who asks for its health meets it. */
export interface Watched {
  record(): WatchedRecord;
  isAlive(): boolean | Promise<boolean>;
  /** Whether it is this replica that answers on its port. */
  isItself(): boolean | Promise<boolean>;
  /** Whether it has begun to end by itself, which tells more than that it answers no more. */
  isEnding(): boolean;
  /** The processes that may listen on its port, and those of its service; null where they cannot be seen. */
  processes(): Seen | null | Promise<Seen | null>;
  becameReady(at: Timestamp): void;
  fail(reason: string): void | Promise<void>;
  /** Writes its record again when that could not be written. */
  saveAgain(): void;
  /** Takes secrets out of what it answers; null where those are not known. */
  readonly hide: ((text: string) => string) | null;
  /** Aborted when it is looked after no longer. */
  readonly closed: AbortSignal;
  readonly pause: WakeablePause;
}

/** Processes by their pids. */
export interface Seen {
  readonly all: readonly number[];
  readonly service: readonly number[];
}

/** What is known of a replica's health. */
export interface HealthWatch {
  readonly sightings: readonly HealthSighting[];
  /** How much it said it had to do when it was well last. */
  readonly busy: number;
  /** For how long every answer was good, as far as we asked: a daemon that comes back begins anew. */
  healthyFor(): Millis;
  /** Asks until it is ready and then on and on; returns when it has failed, ended, is told to end or is let go of. */
  goOn(): Promise<void>;
}

/** Between two questions to a replica that starts: added to every deployment, so it is short. */
const startingPause: Millis = 25;
/** After the first good answer the second is asked for soon. */
const secondPause: Millis = 5;
const answersToBeReady = 2;
const failuresToBeIll = 3;

/** When we could not look ourselves, without file descriptors say, it is tried again; nothing is concluded from it. */
const pauseAfterTrouble: Millis = 1000;

/** What a service answers about itself may hold a secret too: `answered 500: …`. */
const withoutBody = (said: string): string => said.replace(/^(answered \d+):.*$/s, "$1");

/** Asks one replica for its health, from its start or its adoption on. */
export function watchHealth(watched: Watched): HealthWatch {
  const { closed, pause, hide } = watched;
  let busy = 0;
  let sightings = watched.record().sightings ?? [];
  let healthySince: Millis | null = null;

  async function ask(): Promise<HealthAnswer> {
    const { port, health, startedAtUptime, readyAt } = watched.record();
    const left = startedAtUptime + health.startWithin - uptime();
    const timeout = readyAt === null ? Math.max(50, Math.min(health.timeout, left)) : health.timeout;
    const [at, asked] = [new Date().toISOString(), performance.now()];
    const answer = await askHealth({ port, path: health.path, timeout, signal: closed });
    const took = Math.round(performance.now() - asked);
    sightings = withSighting(sightings, sightingOf(answer, { at, took }, hide));
    healthySince = answer.well ? (healthySince ?? uptime()) : null;
    if (answer.well) {
      busy = answer.busy;
      return answer;
    }
    return { ...answer, said: hide === null ? withoutBody(answer.said) : hide(answer.said) };
  }

  const isWatched = (): boolean => !closed.aborted && watched.record().stopBy === null;

  async function becomeReady(): Promise<boolean> {
    let said = "was not asked yet";
    for (let good = 0; isWatched();) {
      if (!(await watched.isAlive())) return false;
      const asked = uptime();
      const answer = await ask();
      good = answer.well ? good + 1 : 0;
      if (!answer.well) said = answer.said;
      const { port, health, startedAtUptime } = watched.record();
      if (good >= answersToBeReady) {
        if ((await watched.isItself()) && (await watched.isAlive())) {
          watched.becameReady(new Date().toISOString());
          return true;
        }
        good = 0;
        said = `left port ${port} to a process that is not part of it`;
      }
      if (good === 0 && uptime() - startedAtUptime >= health.startWithin) {
        if (await watched.isAlive()) await watched.fail(whyNotReady(said, watched.record(), await watched.processes()));
        return false;
      }
      await pause.upTo(good > 0 ? secondPause : Math.max(1, startingPause - (uptime() - asked)));
    }
    return false;
  }

  async function stayReady(): Promise<void> {
    for (let failures = 0; isWatched() && (await watched.isAlive());) {
      const answer = await ask();
      failures = answer.well ? 0 : failures + 1;
      const { path, interval } = watched.record().health;
      if (!answer.well && failures >= failuresToBeIll && (await watched.isAlive()) && !watched.isEnding())
        return watched.fail(`${answer.said} when asked for ${path}, ${failures} times in a row`);
      watched.saveAgain();
      await pause.upTo(interval);
    }
  }

  return {
    get sightings() {
      return sightings;
    },
    get busy() {
      return busy;
    },
    healthyFor: () => (healthySince === null ? 0 : uptime() - healthySince),
    async goOn() {
      if (watched.record().readyAt !== null || (await becomeReady())) await stayReady();
    },
  };
}

function whyNotReady(said: string, { port, health }: WatchedRecord, seen: Seen | null): string {
  const within = `was not ready within ${health.startWithin / 1000} s: it ${said}`;
  if (seen === null) return within;
  if (holderOf(port, seen.all) === "foreign")
    return `${within}; port ${port} belongs to another process, ${strangerOn(port) ?? "which cannot be seen"}`;
  const elsewhere = portsOf(seen.service).filter((other) => other !== port);
  return elsewhere.length > 0
    ? `${within}; it listens on port ${elsewhere.join(", ")} and should listen on PORT, which is ${port}`
    : within;
}

/** Does a replica's work to its end, again when it could not be done, until the replica is let go of. */
export async function onAndOn(
  work: () => Promise<void>,
  { closed, pause }: Pick<Watched, "closed" | "pause">,
): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch {
      if (closed.aborted) return;
      await pause.upTo(pauseAfterTrouble);
    }
  }
}
