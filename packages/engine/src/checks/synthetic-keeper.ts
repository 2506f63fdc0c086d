import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "@fairway/core";
import { messageOf } from "@fairway/core";
import { bakingReleases, forgetBakeTurns } from "../store/bake-turns.ts";
import { forgetCheckResults } from "../store/check-results.ts";
import { forgetWorkers } from "../store/journey-workers.ts";
import type { SyntheticTurn } from "../store/synthetic-turns.ts";
import {
  endTurn,
  giveTurnBack,
  listTurns,
  missTurn,
  missedTurns,
  takeTurn,
  wantTurns,
} from "../store/synthetic-turns.ts";
import { keepFiles } from "./ask-check.ts";
import { keepJourney, keepNoData } from "./keep-journey.ts";
import { journeyHold, makeJourney } from "./make-journey.ts";
import type { JourneyParts, WantedJourney } from "./wanted-journeys.ts";
import { whoMissed } from "./who-missed.ts";
import { checkoutOf, forgetCheckouts, journeyWork, keyOfTurn, wantedJourneys } from "./wanted-journeys.ts";

export interface SyntheticKeeperParts extends JourneyParts {
  /** The labels of this daemon: it makes the journeys that are to be made from there. */
  readonly locations: readonly string[];
  readonly closing: AbortSignal;
  readonly tell: (message: string) => void;
}

/** Has journeys made when they are due, and notices those that nobody made. */
export interface SyntheticKeeper {
  look(): Promise<void>;
  tidy(): Promise<void>;
  /** Once the daemon closes: those that are being made are ended, and nothing of them is left. */
  settled(): Promise<void>;
}

/** A journey that is not begun so long after it was due has been missed. */
const missedAfter: Millis = 60_000;
/** At a time: a browser takes a processor of its own. */
const atOnce = 4;
const resultsKept: Millis = 90 * 86_400_000;

export function syntheticKeeper(parts: SyntheticKeeperParts): SyntheticKeeper {
  const { store, data, closing, tell } = parts;
  const busy = new Set<Promise<void>>();
  /** Of a turn that nobody makes: how many of its times were noted, so that each is asked about once. */
  const noted = new Map<string, number>();

  async function make(turn: SyntheticTurn, wanted: WantedJourney): Promise<void> {
    const startedAt = new Date();
    const own = join(data.checkTurns, randomUUID());
    const { environment, journey } = wanted;
    try {
      const made = await makeJourney(await journeyWork(parts, turn.location, wanted), {
        own,
        workspace: await checkoutOf(parts, wanted.release),
        commandOf: parts.places.commandOf,
        signal: closing,
      });
      if (made === null) return;
      const took = Date.now() - startedAt.getTime();
      const id = await keepJourney(store, turn, { key: own, report: made.report, startedAt, took });
      await keepFiles(made.kept, made.report.files, data.checkFiles(id));
    } catch (thrown) {
      if (closing.aborted) return;
      tell(`could not make the journey ${journey.name} in ${environment.name}: ${messageOf(thrown)}`);
      await keepNoData(store, turn, turn.dueAt, messageOf(thrown));
    } finally {
      await rm(own, { recursive: true, force: true });
      // What this daemon leaves half made the next one makes.
      await (closing.aborted ? giveTurnBack(store, turn) : endTurn(store, turn, journey.every));
    }
  }

  const whyMissed = async ({ location }: SyntheticTurn): Promise<string> =>
    parts.locations.includes(location) ? `nobody made it at "${location}" when it was due` : whoMissed(store, location);

  /** Tells of a turn that is missed once, and notes each time of it that passes. */
  async function noteMissed(turns: readonly SyntheticTurn[], everyOf: (turn: SyntheticTurn) => Millis): Promise<void> {
    for (const turn of await missedTurns(store, missedAfter))
      if (await missTurn(store, turn)) await keepNoData(store, turn, turn.dueAt, await whyMissed(turn));
    for (const turn of turns) {
      const key = `${keyOfTurn(turn)} ${turn.dueAt}`;
      if (turn.missedAt === null || turn.claim !== null) {
        noted.delete(key);
        continue;
      }
      const due = Date.parse(turn.dueAt);
      const times = Math.floor((Date.now() - missedAfter - due) / everyOf(turn));
      if (times <= (noted.get(key) ?? 0)) continue;
      await keepNoData(store, turn, new Date(due + times * everyOf(turn)).toISOString(), await whyMissed(turn));
      noted.set(key, times);
    }
  }

  return {
    async look() {
      if (closing.aborted) return;
      const wanted = await wantedJourneys(parts);
      const rows = [...wanted.values()].map(({ turn, release }) => ({ ...turn, release: release.id }));
      const turns = await listTurns(store);
      // Most of the time nothing has changed, and nothing is written.
      const known = new Set(turns.map((turn) => `${keyOfTurn(turn)} ${turn.release}`));
      if (known.size !== rows.length || rows.some((row) => !known.has(`${keyOfTurn(row)} ${row.release}`)))
        await wantTurns(store, rows);
      await noteMissed(turns, (turn) => wanted.get(keyOfTurn(turn))?.journey.every ?? Number.POSITIVE_INFINITY);
      for (const turn of await listTurns(store)) {
        const found = wanted.get(keyOfTurn(turn));
        if (!parts.locations.includes(turn.location) || found === undefined || busy.size >= atOnce) continue;
        if (Date.parse(turn.dueAt) > Date.now()) continue;
        const taken = await takeTurn(store, turn, journeyHold(found.journey.timeout));
        if (taken === null) continue;
        const made = make(taken, found).catch((thrown: unknown) =>
          tell(`could not keep what the journey ${turn.name} found: ${messageOf(thrown)}`),
        );
        busy.add(made);
        void made.finally(() => busy.delete(made));
      }
    },
    async settled() {
      await Promise.allSettled(busy);
    },
    async tidy() {
      for (const id of await forgetCheckResults(store, new Date(Date.now() - resultsKept).toISOString()))
        await rm(data.checkFiles(id), { recursive: true, force: true });
      await forgetWorkers(store);
      await forgetBakeTurns(store);
      const running = [...(await wantedJourneys(parts)).values()].map(({ release }) => release);
      const baking = await Promise.all((await bakingReleases(store)).map(parts.releaseOf));
      await forgetCheckouts(parts, new Set([...running, ...baking].map(({ revision }) => revision.sha)));
    },
  };
}
