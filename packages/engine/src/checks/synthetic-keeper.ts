import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Environment, Millis, Release, Repository, SecretSource, SyntheticCheck, Value } from "@fairway/core";
import { environmentOf, messageOf } from "@fairway/core";
import { runCommand } from "../commands/run-command.ts";
import type { DataDirectory } from "../data-directory.ts";
import { askForReport } from "../findings/ask-for-report.ts";
import type { Places } from "../rollouts/places.ts";
import { urlVariable } from "../rollouts/place-of.ts";
import { softDeadline } from "../rollouts/run-verify.ts";
import { valuesOf } from "../stages/step-command.ts";
import { forgetCheckResults, keepCheckResult } from "../store/check-results.ts";
import type { Store } from "../store/store.ts";
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
import { addressesOf } from "./addresses-of.ts";
import { keepFiles, reportOfProgram } from "./ask-check.ts";
import { asCheck } from "./synthetic-check.ts";

export interface SyntheticKeeperParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  readonly places: Pick<Places, "commandOf" | "internalUrl">;
  readonly environments: () => Promise<readonly string[]>;
  /** The release that an environment runs. */
  readonly current: (environment: string) => Promise<Release | null>;
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
const grace: Millis = 5_000;
const resultsKept: Millis = 90 * 86_400_000;

interface Wanted {
  readonly release: Release;
  readonly environment: Environment;
  readonly journey: SyntheticCheck;
}

export function syntheticKeeper(parts: SyntheticKeeperParts): SyntheticKeeper {
  const { store, data, closing, tell } = parts;
  const busy = new Set<Promise<void>>();

  async function wantedNow(): Promise<ReadonlyMap<string, Wanted>> {
    const wanted = new Map<string, Wanted>();
    for (const name of await parts.environments()) {
      const release = await parts.current(name);
      const environment = release === null ? undefined : environmentOf(release.project, name);
      if (release === null || environment === undefined) continue;
      for (const journey of environment.synthetics ?? [])
        for (const location of journey.locations)
          wanted.set(keyOf({ environment: name, name: journey.name, location }), { release, environment, journey });
    }
    return wanted;
  }

  async function make(turn: SyntheticTurn, { release, environment, journey }: Wanted): Promise<void> {
    const startedAt = new Date();
    const own = join(data.checkTurns, randomUUID());
    try {
      const check = asCheck(journey);
      const workspace = await checkoutOf(parts, release);
      const { url, services } = addressesOf(parts.places, release.project, environment);
      const given: Readonly<Record<string, Value>> = {
        ...Object.fromEntries(Object.entries(services).map(([service, address]) => [urlVariable(service), address])),
        ...environment.variables,
        ...(url === undefined ? {} : { FAIRWAY_URL: url }),
        FAIRWAY_ENVIRONMENT: environment.name,
        FAIRWAY_RELEASE: release.id,
        FAIRWAY_LOCATION: turn.location,
        FAIRWAY_SERVICES: JSON.stringify(services),
        FAIRWAY_DEADLINE: String(softDeadline(check.timeout)),
        GIT_SHA: release.revision.sha,
        ...check.env,
      };
      const secret = await valuesOf(parts.secrets, environment.name, given);
      const secrets = Object.values(secret);
      const [files, kept] = [join(own, "files"), join(own, "kept")];
      await mkdir(files, { recursive: true, mode: 0o700 });
      const argv = [...askForReport("fairway-check", check.argv, join(own, "report")), "--keep", files] as const;
      const outcome = await runCommand(
        {
          directory: join(own, "command"),
          argv: parts.places.commandOf(argv),
          cwd: workspace,
          env: { CI: "true", ...open(given), ...secret },
          secrets,
          timeout: check.timeout,
          grace,
        },
        { signal: closing },
      );
      if (closing.aborted) return;
      const isLate = outcome.ended === "timed-out";
      const report = await reportOfProgram(
        check,
        {
          why: isLate
            ? `it took longer than ${check.timeout / 1000} s and was ended with all it had started`
            : `it ended without a report${outcome.tail.length > 0 ? `: ${outcome.tail.join("\n")}` : ""}`,
          status: isLate ? "failed" : "no-data",
        },
        { file: join(own, "report"), within: own, secrets, files, kept },
      );
      const id = await keepCheckResult(store, {
        key: `synthetic ${own}`,
        environment: environment.name,
        release: release.id,
        name: journey.name,
        kind: "journey",
        occasion: "schedule",
        location: turn.location,
        ...report,
        flaky: [],
        run: null,
        startedAt: startedAt.toISOString(),
        took: Date.now() - startedAt.getTime(),
      });
      await keepFiles(kept, report.files, data.checkFiles(id));
    } catch (thrown) {
      if (closing.aborted) return;
      tell(`could not make the journey ${journey.name} in ${environment.name}: ${messageOf(thrown)}`);
      await keepNoData(turn, messageOf(thrown));
    } finally {
      await rm(own, { recursive: true, force: true });
      // What this daemon leaves half made the next one makes.
      await (closing.aborted ? giveTurnBack(store, turn) : endTurn(store, turn, journey.every));
    }
  }

  const keepNoData = (turn: SyntheticTurn, summary: string): Promise<number> =>
    keepCheckResult(store, {
      key: `no data ${keyOf(turn)} ${turn.dueAt} ${turn.release}`,
      environment: turn.environment,
      release: turn.release,
      name: turn.name,
      kind: "journey",
      occasion: "schedule",
      location: turn.location,
      status: "no-data",
      summary,
      tests: [],
      flaky: [],
      figures: {},
      files: [],
      run: null,
      startedAt: turn.dueAt,
      took: 0,
    });

  return {
    async look() {
      if (closing.aborted) return;
      const wanted = await wantedNow();
      const rows = [...wanted].map(([key, { release }]) => ({ ...placeOf(key), release: release.id }));
      const turns = await listTurns(store);
      // Most of the time nothing has changed, and nothing is written.
      const known = new Set(turns.map((turn) => `${keyOf(turn)} ${turn.release}`));
      if (known.size !== rows.length || rows.some((row) => !known.has(`${keyOf(row)} ${row.release}`)))
        await wantTurns(store, rows);
      for (const turn of await missedTurns(store, missedAfter))
        if (await missTurn(store, turn)) await keepNoData(turn, `nobody made it at "${turn.location}" when it was due`);
      for (const turn of await listTurns(store)) {
        const found = wanted.get(keyOf(turn));
        if (!parts.locations.includes(turn.location) || found === undefined || busy.size >= atOnce) continue;
        if (Date.parse(turn.dueAt) > Date.now()) continue;
        const taken = await takeTurn(store, turn, found.journey.timeout + 2 * grace + 30_000);
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
      const runs = new Set([...(await wantedNow()).values()].map(({ release }) => release.revision.sha));
      const folder = join(data.checks, "checkouts");
      for (const name of existsSync(folder) ? await readdir(folder) : [])
        if (!runs.has(name)) await rm(join(folder, name), { recursive: true, force: true });
    },
  };
}

const open = (given: Readonly<Record<string, Value>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => typeof one[1] === "string"));

const keyOf = ({
  environment,
  name,
  location,
}: {
  readonly environment: string;
  readonly name: string;
  readonly location: string;
}): string => `${environment}/${name}/${location}`;

function placeOf(key: string): { readonly environment: string; readonly name: string; readonly location: string } {
  const [environment = "", name = "", location = ""] = key.split("/");
  return { environment, name, location };
}

/** The commit of a release, checked out once for all its journeys: what is half done is never taken for whole. */
async function checkoutOf({ data, repository }: SyntheticKeeperParts, { revision: { sha } }: Release): Promise<string> {
  const folder = join(data.checks, "checkouts", sha);
  if (existsSync(folder)) return folder;
  const fresh = join(data.checks, "checkouts", `.${sha}-${randomUUID()}`);
  await mkdir(join(data.checks, "checkouts"), { recursive: true, mode: 0o700 });
  await repository.checkout(sha, fresh);
  await rename(fresh, folder).catch(async (thrown: unknown) => {
    await rm(fresh, { recursive: true, force: true });
    // Another journey of the same release was first.
    if (!existsSync(folder)) throw thrown;
  });
  return folder;
}
