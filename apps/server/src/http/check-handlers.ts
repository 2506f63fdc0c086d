import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import type { SyntheticShape } from "@fairway/api";
import type { Release, RunId } from "@fairway/core";
import { FairwayError, environmentOf } from "@fairway/core";
import type { CheckResult, Control, Store } from "@fairway/engine";
import {
  checkResultById,
  currentRelease,
  dataDirectory,
  listCheckResults,
  listTurns,
  revokedVerifications,
  syntheticHistory,
} from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

export interface CheckHandlerParts {
  readonly store: Store;
  readonly control: Control;
  readonly about: { readonly dataDirectory: string };
}

type CheckOperations = "verify" | "verifications" | "checkResults" | "checkResult" | "checkFile" | "synthetics";

const day = 86_400_000;

/** What is asked of services that run. `show` gives a run as clients see it. */
export function checkHandlers(
  { store, control, about }: CheckHandlerParts,
  show: (run: RunId) => ReturnType<Handlers["verify"]>,
): Pick<Handlers, CheckOperations> {
  const data = dataDirectory(about.dataDirectory);
  return {
    verify: async ({ environment, checks, by }) => show(await control.checks.verify({ environment, checks, by })),
    verifications: async ({ environment, release }) => [
      ...(await revokedVerifications(store, {
        ...(environment === undefined ? {} : { environment }),
        ...(release === undefined ? {} : { release: release as Release["id"] }),
      })),
    ],
    checkResults: async ({ flaky, ...filter }) =>
      (await listCheckResults(store, { ...filter, flaky: flaky === "true" })).map(viewOf),
    checkResult: async ({ result }) => {
      const found = await checkResultById(store, result);
      return { ...viewOf(found), tests: found.tests.map((test) => ({ ...test })) };
    },
    checkFile: async ({ result, file }) => {
      const found = await checkResultById(store, result);
      const known = found.files.find(({ name }) => name === file);
      const path = join(data.checkFiles(found.id), file);
      if (known === undefined || !existsSync(path))
        throw new FairwayError("not_found", `result ${result} has no file "${file}"`);
      return { name: file, type: known.type, body: createReadStream(path) };
    },
    synthetics: async ({ environment, days }) => synthetics(store, environment ?? null, days),
  };
}

function viewOf(result: CheckResult): Awaited<ReturnType<Handlers["checkResults"]>>[number] {
  const { id, environment, release, name, kind, occasion, location, status, summary, figures, run, startedAt, took } =
    result;
  const about = { id, environment, release, name, kind, occasion, location, status, summary, run, startedAt, took };
  return { ...about, figures, flaky: [...result.flaky], files: result.files.map((file) => ({ ...file })) };
}

/** Those that are made now, and with them how they have gone; what was made and is not any more has only its results. */
async function synthetics(store: Store, environment: string | null, days: number): Promise<SyntheticShape[]> {
  const since = new Date(Date.now() - days * day).toISOString();
  const history = await syntheticHistory(store, { environment, since, by: days > 2 ? "day" : "hour" });
  const turns = (await listTurns(store)).filter((turn) => environment === null || turn.environment === environment);
  const releases = new Map<string, Release | null>();
  for (const name of new Set(turns.map((turn) => turn.environment)))
    releases.set(name, await currentRelease(store, name));
  return turns.map((turn) => {
    const known = history.find(
      (one) => one.environment === turn.environment && one.name === turn.name && one.location === turn.location,
    );
    const release = releases.get(turn.environment);
    const written = release && environmentOf(release.project, turn.environment)?.synthetics;
    return {
      environment: turn.environment,
      name: turn.name,
      location: turn.location,
      every: written?.find(({ name }) => name === turn.name)?.every ?? 0,
      status: known?.status ?? null,
      lastAt: known?.lastAt ?? null,
      dueAt: turn.dueAt,
      missed: turn.missedAt,
      release: known?.release ?? null,
      runs: known?.runs ?? 0,
      passed: known?.passed ?? 0,
      failed: known?.failed ?? 0,
      noData: known?.noData ?? 0,
      p50: known?.p50 ?? null,
      p95: known?.p95 ?? null,
      points: (known?.points ?? []).map((point) => ({ ...point })),
    };
  });
}
