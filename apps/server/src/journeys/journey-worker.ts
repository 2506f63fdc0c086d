import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Client } from "@fairway/api";
import type { Argv, LiveReport, Millis } from "@fairway/core";
import { checkProgram, codeOf, messageOf } from "@fairway/core";
import { makeJourney } from "@fairway/engine";
import { version } from "../version.ts";
import { journeySources } from "./journey-sources.ts";
import { workerFolder } from "./worker-folder.ts";

const liveChecksMain = fileURLToPath(import.meta.resolve("@fairway/builtin/live-checks"));

export interface JourneyWorkerOptions {
  readonly client: Client;
  /** From where it makes journeys: the labels that configurations name. */
  readonly locations: readonly string[];
  /** As its machine is called, for people. */
  readonly name: string;
  /** Ends it: what it makes then is given back. */
  readonly signal: AbortSignal;
  readonly tell: (message: string) => void;
}

type Taken = NonNullable<Awaited<ReturnType<typeof take>>>;

const lookEvery: Millis = 2_000;
/** After the daemon could not be asked. */
const longestPause: Millis = 30_000;
/** At a time: a browser takes a processor of its own. */
const atOnce = 4;
/** Of all that a journey leaves, before it is written as Base64. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Makes the journeys of a place for a daemon elsewhere, until it is told to end. What it took and did not tell of is missed
 * there, so it may die at any time. Throws what the daemon says to who may not do this.
 */
export async function journeyWorker(options: JourneyWorkerOptions): Promise<void> {
  const { signal, tell } = options;
  const folder = await workerFolder();
  const sources = journeySources(options.client, join(folder, "sources"));
  const busy = new Set<Promise<void>>();
  let pause = lookEvery;
  try {
    while (!signal.aborted) {
      const taken = busy.size >= atOnce ? null : await take(options).catch(cannotAsk);
      if (taken === undefined) {
        pause = Math.min(pause * 2, longestPause);
      } else {
        pause = lookEvery;
        if (taken !== null) {
          const made = make(options, sources, taken, join(folder, randomUUID())).catch((thrown: unknown) =>
            tell(`${taken.work.name} of ${taken.environment}: ${messageOf(thrown)}`),
          );
          busy.add(made);
          void made.finally(() => busy.delete(made));
          continue;
        }
      }
      await wait(pause, undefined, { signal }).catch(ifEnding);
    }
  } finally {
    await Promise.allSettled(busy);
    await rm(folder, { recursive: true, force: true });
  }

  /** One that is away comes back; one that says no goes on saying it. */
  function cannotAsk(thrown: unknown): undefined {
    const isAway = (thrown as { readonly retryable?: boolean }).retryable === true || codeOf(thrown) === undefined;
    if (signal.aborted) return undefined;
    if (!isAway) throw thrown;
    if (pause === lookEvery) tell(`${messageOf(thrown)}; it is asked again`);
    return undefined;
  }

  function ifEnding(thrown: unknown): void {
    if (!signal.aborted) throw thrown;
  }
}

const take = ({
  client,
  locations,
  name,
  signal,
}: JourneyWorkerOptions): Promise<Awaited<ReturnType<typeof client.call<"takeJourney">>>> =>
  client.call("takeJourney", { locations: [...locations], worker: name, version }, signal);

async function make(
  { client, signal, tell }: JourneyWorkerOptions,
  sources: ReturnType<typeof journeySources>,
  { claim, release, environment, location, work }: Taken,
  own: string,
): Promise<void> {
  const began = new Date();
  try {
    const made = await sources
      .within(release, (workspace) =>
        makeJourney({ ...work, argv: work.argv as unknown as Argv }, { own, workspace, commandOf, signal }),
      )
      .catch((thrown: unknown) => ({ report: noData(messageOf(thrown)), kept: own }));
    const sent = made === null ? { report: null, files: [] } : await whatIsSent(made.report, made.kept);
    const { kept } = await toldFor(client, {
      ...{ claim, ...sent, startedAt: began.toISOString(), took: Date.now() - began.getTime() },
    });
    if (sent.report !== null)
      tell(
        `${work.name} of ${release} in ${environment} from ${location}: ${kept ? sent.report.status : "came too late"}`,
      );
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

const commandOf = ([program, ...words]: Argv): Argv =>
  program === checkProgram ? [process.execPath, liveChecksMain, ...words] : [program, ...words];

const noData = (summary: string): LiveReport => ({ status: "no-data", summary, tests: [], figures: {}, files: [] });

type Told = Parameters<typeof toldFor>[1];

/** The report with the files that it names, as far as there is room. */
async function whatIsSent(report: LiveReport, kept: string): Promise<Pick<Told, "report" | "files">> {
  const files: { readonly name: string; readonly content: string }[] = [];
  const left: string[] = [];
  let room = mostBytes;
  for (const { name } of report.files) {
    const bytes = await readFile(join(kept, name));
    room -= bytes.length;
    if (room >= 0) files.push({ name, content: bytes.toString("base64") });
    else left.push(`its file ${name} is too large to be sent`);
  }
  const { status, tests, figures } = report;
  return {
    report: {
      ...{ status, figures: { ...figures }, tests: tests.map((test) => ({ ...test })) },
      summary: [report.summary, ...left].join("\n"),
      files: report.files.filter(({ name }) => files.some((file) => file.name === name)).map((file) => ({ ...file })),
    },
    files,
  };
}

/** Tells it, again while the daemon is away for a moment. */
async function toldFor(
  client: Client,
  told: Parameters<typeof client.call<"tellJourney">>[1],
): Promise<{ readonly kept: boolean }> {
  for (let pause = 500; ; pause *= 2) {
    try {
      return await client.call("tellJourney", told);
    } catch (thrown) {
      if ((thrown as { readonly retryable?: boolean }).retryable !== true || pause > 8_000) throw thrown;
      await wait(pause);
    }
  }
}
