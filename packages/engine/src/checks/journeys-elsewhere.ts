import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckFile, LiveReport, Millis, ReleaseId, Timestamp } from "@fairway/core";
import { FairwayError, environmentOf, messageOf } from "@fairway/core";
import { readLiveReport } from "../findings/live-report.ts";
import type { BakeTurn } from "../store/bake-turns.ts";
import {
  bakingReleases,
  claimedBakeTurn,
  endBakeTurn,
  giveBakeTurnBack,
  openBakeTurns,
  takeBakeTurn,
} from "../store/bake-turns.ts";
import { noteWorker } from "../store/journey-workers.ts";
import { claimedTurn, endTurn, giveTurnBack, listTurns, takeTurn } from "../store/synthetic-turns.ts";
import { isKept, keepBakeJourney, keepBakeNoData, keepJourney, keepNoData } from "./keep-journey.ts";
import type { JourneyWork } from "./make-journey.ts";
import { journeyHold } from "./make-journey.ts";
import type { JourneyParts } from "./wanted-journeys.ts";
import { checkoutOf, journeyWork, keyOfTurn, wantedJourneys } from "./wanted-journeys.ts";

/** Who asks for journeys, and from where they are to be made. */
export interface JourneyAsker {
  readonly locations: readonly string[];
  /** As its machine is called, for people. */
  readonly name: string;
  readonly version: string;
}

/** A journey that somebody elsewhere has taken. */
export interface TakenJourney {
  /** Shown again with what it came to. */
  readonly claim: string;
  readonly environment: string;
  readonly release: ReleaseId;
  readonly location: string;
  readonly work: JourneyWork;
}

/** What a journey came to that was made elsewhere, with what is secret hidden there. */
export interface ToldJourney {
  readonly claim: string;
  /** Null where it was not made after all: whoever comes next makes it. */
  readonly report: LiveReport | null;
  readonly startedAt: Timestamp;
  readonly took: Millis;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** Journeys that workers make at places of their own. */
export interface JourneysElsewhere {
  /** The next that is due at one of these places; null where none is. */
  take(asker: JourneyAsker): Promise<TakenJourney | null>;
  /** Keeps what it came to, once. False where it is nobody's any more: it was missed, or another release runs. */
  tell(told: ToldJourney): Promise<boolean>;
  /** The folder with the commit of a release that runs. Throws `not_found`. */
  sources(release: ReleaseId): Promise<string>;
}

export function journeysElsewhere(parts: JourneyParts): JourneysElsewhere {
  const { store, data } = parts;
  return {
    async take(asker) {
      await noteWorker(store, asker);
      const baking = await takeBaking(parts, asker);
      if (baking !== null) return baking;
      const due = (await listTurns(store)).filter(
        ({ location, dueAt }) => asker.locations.includes(location) && Date.parse(dueAt) <= Date.now(),
      );
      if (due.length === 0) return null;
      const wanted = await wantedJourneys(parts);
      for (const turn of due) {
        const found = wanted.get(keyOfTurn(turn));
        if (found === undefined || found.release.id !== turn.release) continue;
        const taken = await takeTurn(store, turn, journeyHold(found.journey.timeout));
        if (taken === null || taken.claim === null) continue;
        try {
          const work = await journeyWork(parts, turn.location, found);
          const { environment, release, location } = taken;
          return { claim: taken.claim, environment, release, location, work };
        } catch (thrown) {
          // A secret that has no value, say: nobody could make it.
          await keepNoData(store, taken, taken.dueAt, messageOf(thrown));
          await endTurn(store, taken, found.journey.every);
        }
      }
      return null;
    },
    async tell({ claim, report, startedAt, took, files }) {
      const baking = await claimedBakeTurn(store, claim);
      if (baking !== null) return tellBaking(parts, baking, { claim, report, startedAt, took, files });
      const turn = await claimedTurn(store, claim);
      // Who did not hear that it was kept tells it again.
      if (turn === null) return isKept(store, claim);
      const found = (await wantedJourneys(parts)).get(keyOfTurn(turn));
      if (report === null || found === undefined) {
        await giveTurnBack(store, turn);
        return report === null;
      }
      const usable = usableOf(report, files);
      const id = await keepJourney(store, turn, { key: claim, report: usable, startedAt: new Date(startedAt), took });
      await writeFiles(data.checkFiles(id), usable.files, files);
      await endTurn(store, turn, found.journey.every);
      return true;
    },
    async sources(release) {
      for (const found of (await wantedJourneys(parts)).values())
        if (found.release.id === release) return checkoutOf(parts, found.release);
      if ((await bakingReleases(store)).includes(release)) return checkoutOf(parts, await parts.releaseOf(release));
      throw new FairwayError("not_found", `no journey is made of ${release} now`);
    },
  };
}

/** The next that is to be made at one of these places while a release bakes: a deployment waits for it. */
async function takeBaking(parts: JourneyParts, { locations }: JourneyAsker): Promise<TakenJourney | null> {
  const { store } = parts;
  for (const turn of await openBakeTurns(store, locations)) {
    const release = await parts.releaseOf(turn.release);
    const environment = environmentOf(release.project, turn.environment);
    const journey = environment?.synthetics?.find(({ name }) => name === turn.name);
    if (environment === undefined || journey === undefined) continue;
    const taken = await takeBakeTurn(store, turn.key, journeyHold(journey.timeout));
    if (taken === null || taken.claim === null) continue;
    try {
      const work = await journeyWork(parts, turn.location, { release, environment, journey });
      return { claim: taken.claim, environment: environment.name, release: release.id, location: turn.location, work };
    } catch (thrown) {
      if (await endBakeTurn(store, turn.key, "no-data", messageOf(thrown)))
        await keepBakeNoData(store, turn, messageOf(thrown));
    }
  }
  return null;
}

/** Keeps what a journey came to while a release bakes, and lets the bake know. */
async function tellBaking(
  { store, data }: JourneyParts,
  turn: BakeTurn,
  { claim, report, startedAt, took, files }: ToldJourney,
): Promise<boolean> {
  if (turn.status !== null) return isKept(store, claim);
  if (report === null) {
    await giveBakeTurnBack(store, turn.key);
    return true;
  }
  const usable = usableOf(report, files);
  const id = await keepBakeJourney(store, turn, { key: claim, report: usable, startedAt: new Date(startedAt), took });
  await writeFiles(data.checkFiles(id), usable.files, files);
  await endBakeTurn(store, turn.key, usable.status, usable.summary);
  return true;
}

const usableOf = (report: LiveReport, files: ToldJourney["files"]): LiveReport =>
  readLiveReport(JSON.stringify({ ...report, files: known(report.files, files) }));

/** Those that were sent; what a report names besides is not there to be looked at. */
const known = (named: readonly CheckFile[], sent: ToldJourney["files"]): readonly CheckFile[] =>
  named.filter(({ name }) => sent.some((file) => file.name === name));

async function writeFiles(folder: string, named: readonly CheckFile[], sent: ToldJourney["files"]): Promise<void> {
  if (named.length === 0) return;
  // Told again after the answer was lost.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name, bytes } of sent)
    if (named.some((file) => file.name === name)) await writeFile(join(folder, name), bytes, { mode: 0o600 });
}
