import type { Environment, Millis, ReleaseId, RunId } from "@fairway/core";
import { condemnsInBake, failuresInBake } from "@fairway/core";
import type { BakeTurn } from "../store/bake-turns.ts";
import { askBakeTurn, bakeTurnsOf, closeBakeTurns, endBakeTurn, isSomebodyAt } from "../store/bake-turns.ts";
import type { Store } from "../store/store.ts";
import { isRoundDue } from "./bake-rounds.ts";
import { keepBakeNoData } from "./keep-journey.ts";
import { whoMissed } from "./who-missed.ts";

/** How the journeys that workers make elsewhere go while a release bakes. */
export interface BakePlaces {
  /**
   * Asks for those that are due and looks at what was told. May be repeated; a daemon that comes back goes on with the same.
   */
  look(now: Millis, until: Millis): Promise<BakePlacesLook>;
  /** Nobody waits for them any more. */
  close(): Promise<void>;
}

export interface BakePlacesLook {
  /** Why the release must go back; null when it need not, as far as is known. */
  readonly failing: string | null;
  /** What is waited for; empty when all that are due were made. */
  readonly open: readonly string[];
  /** Where nobody knows how it goes, a sentence each. */
  readonly unknown: readonly string[];
}

export interface BakePlacesParts {
  readonly store: Store;
  readonly attempt: string;
  readonly run: RunId;
  readonly environment: Environment;
  readonly release: ReleaseId;
  /** Between two rounds. */
  readonly every: Millis;
  /** The labels of this daemon, whose journeys it makes itself. */
  readonly own: readonly string[];
}

/** A worker that has not asked for so long is not there, and so long one that is there is waited for. */
export const somebodyWithin: Millis = 60_000;

/**
 * What is recorded of them is all that there is: no step of the attempt, for when a worker answers is nobody's to say. Where no
 * worker is, nothing is waited for: nobody knows how it goes there, and people are told.
 */
export function bakePlaces(parts: BakePlacesParts): BakePlaces {
  const { store, attempt, run, environment, release, every, own } = parts;
  const wanted = (environment.synthetics ?? []).flatMap(({ name, locations }) =>
    locations.filter((label) => !own.includes(label)).map((location) => ({ name, location })),
  );
  const told = new Set<string>();

  /** Gives up waiting for a turn that nobody makes. Answers whether it did. */
  async function givenUp(turn: BakeTurn, now: Millis): Promise<boolean> {
    const isHeld = turn.takenUntil !== null && Date.parse(turn.takenUntil) > now;
    const isLate = now - Date.parse(turn.askedAt) > somebodyWithin;
    if (isHeld || (!isLate && (await isSomebodyAt(store, turn.location, somebodyWithin)))) return false;
    const why = await whoMissed(store, turn.location);
    if (!(await endBakeTurn(store, turn.key, "no-data", why))) return false;
    await keepBakeNoData(store, turn, why);
    const place = `${turn.name} ${turn.location}`;
    if (!told.has(place) && turn.number === 1)
      await store.transaction(async (tx) => {
        const { name, location, askedAt: dueAt } = turn;
        tx.emit({ kind: "check.missed", subject: environment.name, body: { name, location, release, dueAt } });
      });
    told.add(place);
    return true;
  }

  return {
    async look(now, until) {
      if (wanted.length === 0) return { failing: null, open: [], unknown: [] };
      for (const turn of await bakeTurnsOf(store, attempt)) if (turn.status === null) await givenUp(turn, now);
      const turns = await bakeTurnsOf(store, attempt);
      const open: string[] = [];
      const unknown: string[] = [];
      for (const { name, location } of wanted) {
        const its = turns.filter((turn) => turn.name === name && turn.location === location);
        const statuses = its.flatMap(({ status }) => (status === null ? [] : [status]));
        const last = its.at(-1);
        if (condemnsInBake(statuses))
          return {
            ...{ open, unknown },
            failing: `the journey ${name} failed ${failuresInBake} times in a row from ${location}: ${last?.summary ?? ""}`,
          };
        if (last?.status === "no-data") unknown.push(`${name} from ${location}: ${last.summary ?? ""}`);
        const begunAt = last === undefined ? null : Date.parse(last.askedAt);
        const isNext = last?.status === "failed" || isRoundDue({ begunAt, every, until }, now);
        if (last?.status === null || isNext) open.push(`${name} from ${location}`);
        if (last?.status === null || !isNext) continue;
        const askedAt = new Date(now).toISOString();
        const number = (last?.number ?? 0) + 1;
        await askBakeTurn(store, {
          ...{ attempt, run, environment: environment.name, release, name, location, number, askedAt },
        });
      }
      return { failing: null, open, unknown };
    },
    close: () => closeBakeTurns(store, attempt),
  };
}
