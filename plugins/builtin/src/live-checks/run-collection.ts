import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { CheckTest, LiveReport } from "@fairway/core";
import { FairwayError, messageOf, reportOfTests } from "@fairway/core";
import type { NewmanRunExecution, NewmanRunOptions } from "newman";
import { LineCounter, parse, parseDocument } from "yaml";
import { exchangeText } from "./exchange.ts";
import { liveAgents, liveGuard } from "./live-connections.ts";
import type { LiveAsk, LiveSettings } from "./live-ask.ts";
import { baseOf, ourHeaders } from "./live-ask.ts";
import { readCollectionFolder } from "./collection-folder.ts";
import type { Collection, CollectionItem } from "./collection-shape.ts";
import { requestsOf } from "./collection-shape.ts";

/** Runs a collection of Postman, of the format 2.1 or 3, with Postman's own runtime. */
export async function runCollection({ words, options, settings }: LiveAsk): Promise<LiveReport> {
  const [file = ""] = words;
  const collection = await readCollection(file);
  const ids = markRequests(collection.item, settings);
  const { default: newman } = await import("newman");
  const environment = await environmentOf(options.variables, settings);
  const run: NewmanRunOptions = {
    collection: collection as unknown as NonNullable<NewmanRunOptions["collection"]>,
    environment,
    requestAgents: liveAgents(liveGuard()),
    timeoutRequest: 60_000,
    workingDir: process.cwd(),
    insecureFileRead: false,
    ...(options.data === undefined ? {} : { iterationData: options.data }),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
  };
  const executions = await new Promise<readonly NewmanRunExecution[]>((resolve, reject) => {
    newman.run(run, (error, summary) => {
      if (error) reject(new FairwayError("bad_request", `${file} cannot be run: ${messageOf(error)}`));
      else resolve(summary.run.executions);
    });
  });
  return reportOfTests(
    file,
    executions.flatMap((execution) => testsOf(execution, ids)),
  );
}

/** A file of the format 2.1, or a folder of the format 3. Throws `bad_request` with the place and what to do. */
export async function readCollection(file: string): Promise<Collection> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return readCollectionFolder(file);
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `${file} cannot be read: ${messageOf(thrown)}`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new FairwayError("bad_request", `${placeIn(file, text)}: it is no JSON: ${messageOf(thrown)}`, {
      hint: "export the collection from Postman as Collection v2.1",
    });
  }
  const collection = value as Partial<Collection> | null;
  const schema = collection?.info?.schema ?? "";
  if (!Array.isArray(collection?.item) || typeof collection.info !== "object")
    throw new FairwayError("bad_request", `${file}:1:1: it is no collection of Postman: it has no info and item`, {
      hint: "export the collection from Postman as Collection v2.1",
    });
  if (/\/v(?:1|2\.0)\./u.test(schema))
    throw new FairwayError("bad_request", `${file}:1:1: it is of the format ${schema}, which is not read`, {
      hint: "export it from Postman again as Collection v2.1",
    });
  return collection as Collection;
}

/** Node does not always say where a text ends being JSON; YAML, of which JSON is a part, does. */
function placeIn(file: string, text: string): string {
  const lines = new LineCounter();
  const [problem] = parseDocument(text, { lineCounter: lines }).errors;
  const { line, col } = lines.linePos(problem?.pos[0] ?? 0);
  return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
}

/** Has each request carry an id by which it is found in logs, and the release. What an author wrote goes before. */
function markRequests(items: readonly CollectionItem[], settings: LiveSettings): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const item of requestsOf(items)) {
    const id = randomUUID();
    item.id = item.id ?? randomUUID();
    ids.set(item.id, id);
    const request = typeof item.request === "string" ? { method: "GET", url: item.request } : item.request;
    if (request === undefined) continue;
    const header = Array.isArray(request.header) ? request.header : [];
    const known = new Set(header.map(({ key }) => key?.toLowerCase()));
    const ours = Object.entries(ourHeaders(settings, id)).filter(([name, value]) => value !== "" && !known.has(name));
    item.request = { ...request, header: [...header, ...ours.map(([key, value]) => ({ key, value }))] };
  }
  return ids;
}

/** Postman's own file, with what this environment of Fairway gives over it. `baseUrl` is where it is reached. */
async function environmentOf(
  file: string | undefined,
  settings: LiveSettings,
): Promise<NonNullable<NewmanRunOptions["environment"]>> {
  const values = new Map<string, string>();
  try {
    values.set("baseUrl", baseOf(settings));
  } catch {
    // It has none, and a collection may do without: it names services by their own variables.
  }
  if (file !== undefined) {
    const read = parse(await readFile(file, "utf8")) as {
      readonly values?: readonly { key?: string; value?: unknown; enabled?: boolean }[];
    } | null;
    for (const { key, value, enabled } of read?.values ?? [])
      if (key !== undefined && enabled !== false) values.set(key, textOf(value));
  }
  for (const [key, value] of Object.entries(settings.variables)) values.set(key, value);
  return {
    name: settings.environment,
    values: [...values].map(([key, value]) => ({ key, value, enabled: true })),
  };
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);

interface ExecutionLike {
  readonly requestError?: Error | null;
  readonly assertions?: readonly {
    readonly assertion: string;
    readonly skipped?: boolean;
    readonly error?: Error | null;
  }[];
  readonly prerequestScript?: readonly { readonly error?: Error }[];
  readonly testScript?: readonly { readonly error?: Error }[];
}

/** An assertion each, or the request itself where it has none or could not be made. */
function testsOf(execution: NewmanRunExecution, ids: ReadonlyMap<string, string>): readonly CheckTest[] {
  const { item, response } = execution;
  const {
    assertions = [],
    requestError,
    prerequestScript = [],
    testScript = [],
  } = execution as unknown as ExecutionLike;
  const took = response?.responseTime ?? 0;
  const requestId = ids.get(item.id) ?? null;
  const test = (name: string, message: string | null, skipped = false): CheckTest => ({
    name: name === "" ? item.name : `${item.name}: ${name}`,
    state: skipped ? "skipped" : message === null ? "passed" : "failed",
    took,
    message,
    requestId,
    exchange: message === null ? null : exchangeOf(execution),
  });
  const broken = [...prerequestScript, ...testScript].flatMap(({ error }) =>
    error === undefined ? [] : [test("script", messageOf(error))],
  );
  const asked = assertions.map(({ assertion, error, skipped }) =>
    test(assertion, error ? error.message : null, skipped),
  );
  if (requestError) return [test("request", messageOf(requestError)), ...broken];
  return asked.length + broken.length > 0
    ? [...broken, ...asked]
    : [test("", response === undefined ? "it was not answered" : null)];
}

function exchangeOf({ request, response }: NewmanRunExecution): string {
  const list = (
    headers: { all(): readonly { readonly key: string; readonly value: string }[] } | undefined,
  ): Record<string, string> =>
    Object.fromEntries((headers?.all() ?? []).map(({ key, value }) => [key.toLowerCase(), value]));
  const known = request as unknown as
    | {
        method: string;
        url: { toString(): string };
        headers: Parameters<typeof list>[0];
        body?: { toString(): string };
      }
    | undefined;
  if (known === undefined) return "(no request)";
  const answer = response as unknown as
    | { code: number; headers: Parameters<typeof list>[0]; text(): string }
    | undefined;
  return exchangeText({
    method: known.method,
    url: known.url.toString(),
    headers: list(known.headers),
    body: known.body?.toString() ?? null,
    answer: answer === undefined ? null : { status: answer.code, headers: list(answer.headers), body: answer.text() },
  });
}
