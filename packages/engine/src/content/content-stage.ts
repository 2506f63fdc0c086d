import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DocsRun, KpiRun, LinkAnswer, ReplayRun, Repository, SecretSource } from "@fairway/core";
import { atPointer, FairwayError, figureOf, goalOf, kpiState, messageOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { ContentInput } from "../duty-runs/duty-run-plan.ts";
import { dutyStages } from "../duty-runs/duty-run-plan.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { keepLinks, knownLinks } from "../store/contents.ts";
import { keepDocument } from "../store/documents.ts";
import type { Store } from "../store/store.ts";
import type { OperationsWriting } from "./operations-writing.ts";

/** What duties of texts, incidents and figures are shown with. */
export interface ContentStageParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Pick<Repository, "checkout">;
  readonly secrets: SecretSource;
  readonly writing: OperationsWriting;
  /** Asks an address that stands in a document, and goes nowhere that is not public; absent where nobody may ask. */
  readonly askLink?: ((url: string, signal: AbortSignal) => Promise<LinkAnswer>) | undefined;
}

/** So many findings are told where a run says no. */
const told = 100;

/** Shows duties of texts, incidents and figures; what it comes to is put on record by the job after it. */
export const contentStage = (parts: ContentStageParts): Stage => ({
  name: dutyStages.content,
  async run(attempt: Attempt): Promise<Outcome> {
    const input = attempt.input as unknown as ContentInput;
    const { run } = input;
    const step = async (work: () => Promise<Outcome>): Promise<Outcome> =>
      (await attempt.step(run.kind, async () => asJson(await work()))) as unknown as Outcome;
    switch (run.kind) {
      case "docs":
        return step(() => inCheckout(parts, attempt, input, (folder) => lookAtDocs(parts, attempt, run, folder)));
      case "replay":
        return step(() => inCheckout(parts, attempt, input, (folder) => replay(parts, attempt, input, run, folder)));
      case "kpi":
        return step(() => measure(parts, attempt, input, run));
      case "summary":
        return step(() => writeSummary(parts));
      case "packet":
        return step(async () => {
          const { digest, commit, markdown, sections } = await parts.writing.packet();
          await keepDocument(parts.store, markdown);
          return { outcome: "succeeded", result: { digest, commit, sections: sections.length } };
        });
    }
  },
});

async function inCheckout(
  { data, repository }: ContentStageParts,
  { run }: Attempt,
  { sha }: ContentInput,
  work: (folder: string) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = data.workspace(run, "content");
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  try {
    await repository.checkout(sha, folder);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lookAtDocs(
  { store, askLink }: ContentStageParts,
  { signal }: Attempt,
  { paths, external }: DocsRun,
  folder: string,
): Promise<Outcome> {
  const { checkLinks, lintDocs } = await import("@fairway/config");
  const { files, findings, links } = await lintDocs(folder, paths);
  const outside =
    !external || askLink === undefined
      ? { findings: [], unknown: 0 }
      : await checkLinks(links, {
          ...{ ask: askLink, now: Date.now, signal },
          known: (urls) => knownLinks(store, urls),
          keep: (found) => keepLinks(store, found),
        });
  const all = [...findings, ...outside.findings];
  const result = { files, findings: all.length, links: external ? links.length : 0, unknown_links: outside.unknown };
  // A pattern that fits nothing would audit nothing, and nobody would know.
  if (files === 0) return { outcome: "failed", reason: `no Markdown file fits ${paths.join(", ")}`, result };
  if (all.length === 0) return { outcome: "succeeded", result };
  const lines = all.slice(0, told).map(({ file, line, code, message }) => `${file}:${line} ${code} ${message}`);
  return { outcome: "failed", reason: `${all.length} to be mended: ${lines.join("\n")}`, result };
}

async function measure(
  { secrets }: ContentStageParts,
  { signal }: Attempt,
  { environment }: ContentInput,
  run: KpiRun,
): Promise<Outcome> {
  const value = run.secret === null ? "" : await secretOf(secrets, environment, run.secret);
  const headers = Object.fromEntries(
    Object.entries(run.headers).map(([name, template]) => [name, template.replaceAll("{{secret}}", () => value)]),
  );
  const { answer, why } = await jsonAt(run.url, headers, AbortSignal.any([signal, AbortSignal.timeout(run.timeout)]));
  const figure = figureOf(atPointer(answer, run.value));
  const state = kpiState(run, figure);
  const result = { kpi: run.name, value: figure, state, at_least: run.atLeast, at_most: run.atMost };
  if (state === "met") return { outcome: "succeeded", result };
  const hidden = value === "" ? why : why.replaceAll(value, "***");
  const reason =
    state === "unmeasured"
      ? `${run.name} is unmeasured: ${hidden === "" ? `there is no number at ${run.value}` : hidden}`
      : `${run.name} is ${figure}, and should be ${goalOf(run)}`;
  return { outcome: "failed", reason, result };
}

async function replay(
  { secrets }: ContentStageParts,
  { signal }: Attempt,
  { environment }: ContentInput,
  run: ReplayRun,
  folder: string,
): Promise<Outcome> {
  if (environment === "production")
    return { outcome: "failed", reason: "webhooks are not replayed against production: name another environment" };
  const [{ watchedIn }, { replayEvent }] = await Promise.all([import("./events-of.ts"), import("./stripe-replay.ts")]);
  const files = await watchedIn(folder, run.events);
  if (files.length === 0) return { outcome: "failed", reason: `no event fits ${run.events.join(", ")}` };
  const secret = await secretOf(secrets, environment, run.secret);
  const within = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(run.timeout)]);
  const failed: string[] = [];
  let tries = 0;
  for (const file of files) {
    const cases = await replayEvent(file, readFileSync(join(folder, file), "utf8"), {
      ...{ now: Date.now, secret },
      post: async (body, headers) => {
        const { status, body: answer } = await fetch(run.url, {
          ...{ method: "POST", body, headers: { "content-type": "application/json", ...headers } },
          ...{ redirect: "manual", signal: within() },
        });
        await answer?.cancel();
        return status;
      },
      effects: async (event) => {
        const url = run.effects.url.replaceAll("{{event}}", encodeURIComponent(event));
        const { answer, why } = await jsonAt(url, {}, within());
        const count = figureOf(atPointer(answer, run.effects.value));
        if (count !== null) return count;
        throw new FairwayError(
          "target_unreachable",
          `nobody can tell the effects of an event: ${why || "there is no number"}`,
        );
      },
    });
    tries += cases.length;
    failed.push(...cases.flatMap(({ name, taken, why }) => (taken ? [] : [`${file}, ${name}: ${why}`])));
  }
  const result = { events: files.length, cases: tries, failed: failed.length };
  if (failed.length === 0) return { outcome: "succeeded", result };
  return { outcome: "failed", reason: failed.join("\n"), result };
}

async function writeSummary({ store, writing }: ContentStageParts): Promise<Outcome> {
  const { from, until, incidents, open, overdue, markdown, digest } = await writing.summary({});
  await keepDocument(store, markdown);
  await store.transaction(async (tx) => {
    const title = `Operations log, ${from} to ${until}: ${incidents} incidents, ${overdue} follow-ups overdue`;
    tx.emit({ kind: "operations.summary", subject: until, body: { title, text: markdown } });
  });
  return { outcome: "succeeded", result: { from, until, incidents, open, overdue, digest } };
}

const longestAnswer = 1024 * 1024;

/** What an address answers, as JSON; `why` says what is wrong where there is none. Redirects are not followed. */
async function jsonAt(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly answer: unknown; readonly why: string }> {
  try {
    const response = await fetch(url, { headers: { ...headers }, redirect: "manual", signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { answer: undefined, why: `${new URL(url).host} answered ${response.status}` };
    }
    const text = await shortText(response);
    if (text === null) return { answer: undefined, why: "the answer is too long" };
    return { answer: JSON.parse(text) as unknown, why: "" };
  } catch (thrown) {
    return { answer: undefined, why: messageOf(thrown) };
  }
}

/** Read piece by piece: whoever answers without an end is not heard to it. Null where it is too long. */
async function shortText({ body }: Response): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // To leave the loop is to hang up.
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > longestAnswer) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

async function secretOf(secrets: SecretSource, environment: string, name: string): Promise<string> {
  const value = (await secrets.lookUp(environment, [name]))[name];
  if (value !== undefined) return value;
  throw new FairwayError("secret_missing", `${environment} has no value for ${name}`, {
    hint: `give it a value: fairway secrets set ${name} --env ${environment}`,
  });
}
