import type { LogLine, LogWindow } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { LogLine as FileLine } from "@fairway/engine";
import { lineAt, readLog, sizeOfLog } from "@fairway/engine";
import { parseLogCursor } from "./log-cursor.ts";
import type { LogQuery, LogSource, SourceParts } from "./log-sources.ts";
import { logSources } from "./log-sources.ts";

export type LogParts = SourceParts;

export interface LogRequest extends LogQuery {
  readonly since?: string | undefined;
  readonly grep?: string | undefined;
  readonly lines?: number | undefined;
  readonly fromLine?: number | undefined;
  /** What `logCursor` made of the lines that were seen. */
  readonly after?: string | undefined;
  readonly follow: "true" | "false";
}

/** The lines of all logs that are asked for: one log after the other, or, when they are followed, as they come. */
export async function* logLines(
  parts: LogParts,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  const { environment, service, replica, run, job, step } = request;
  const sources = await logSources(parts, { environment, service, replica, run, job, step });
  const since = request.since === undefined ? undefined : timeFrom(request.since);
  const seen = parseLogCursor(request.after);
  const read = (source: LogSource): AsyncGenerator<LogLine, void, undefined> =>
    linesOf(source, request, { since, from: seen.get(source.name) }, signal);
  if (request.follow === "true") yield* merged(sources.map(read));
  else for (const source of sources) yield* read(source);
}

async function* linesOf(
  { name, path, open }: LogSource,
  { grep, lines, fromLine, follow }: LogRequest,
  { since, from }: { readonly since: string | undefined; readonly from: number | undefined },
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  const found = readLog({
    path,
    signal,
    grep,
    // Who goes on has had the last lines and the beginning.
    ...(from !== undefined ? { from } : fromLine !== undefined ? { fromLine, lines } : { tail: lines }),
    since,
    follow: follow === "true",
    ended: async () => !(await open()),
  });
  for await (const line of found) yield shown(name, line);
}

const shown = (source: string, { offset, next, number, time, line }: FileLine): LogLine => ({
  source,
  offset,
  next,
  line: number ?? null,
  at: time ?? null,
  text: line,
});

/** Which part of one log is wanted. */
export interface WindowRequest extends LogQuery {
  readonly line?: number | undefined;
  readonly lines: number;
  readonly offset?: number | undefined;
  readonly bytes: number;
}

/** A part of one log. Throws `bad_request` when the query names several. */
export async function logWindow(parts: LogParts, request: WindowRequest): Promise<LogWindow> {
  const { line, offset } = request;
  const source = await oneSource(parts, request);
  const ended = !(await source.open());
  const from = offset === undefined ? { fromLine: line ?? 1 } : { from: offset };
  const lines: LogLine[] = [];
  let first: number | undefined;
  for await (const found of readLog({ path: source.path, lines: request.lines, ...from })) {
    first ??= found.offset;
    if (found.offset >= first + request.bytes) break;
    lines.push(shown(source.name, found));
  }
  const size = await sizeOfLog(source.path);
  // A last line without an end is one too, once it is read.
  const count = Math.max((await lineAt(source.path, size)) - 1, lines.at(-1)?.line ?? 0);
  return { source: source.name, size, ended, next: lines.at(-1)?.next ?? offset ?? size, count, lines };
}

/** The one log that a query names. Throws `bad_request` when it names several. */
export async function oneSource(
  parts: LogParts,
  { environment, service, replica, run, job, step }: LogQuery,
): Promise<LogSource> {
  const sources = await logSources(parts, { environment, service, replica, run, job, step });
  const [source] = sources;
  if (source !== undefined && sources.length === 1) return source;
  throw new FairwayError("bad_request", `a part can be had of one log, and this names ${sources.length}`, {
    hint: "name a job and a step, or a replica",
    problems: sources.slice(0, 20).map(({ name }) => name),
  });
}

/** Whatever comes first comes first. */
async function* merged(
  sources: readonly AsyncGenerator<LogLine, void, undefined>[],
): AsyncGenerator<LogLine, void, undefined> {
  type Next = {
    readonly source: AsyncGenerator<LogLine, void, undefined>;
    readonly result: IteratorResult<LogLine, void>;
  };
  const ask = async (source: AsyncGenerator<LogLine, void, undefined>): Promise<Next> => ({
    source,
    result: await source.next(),
  });
  const open = new Map(sources.map((source) => [source, ask(source)]));
  try {
    while (open.size > 0) {
      const { source, result } = await Promise.race(open.values());
      if (result.done) open.delete(source);
      else {
        open.set(source, ask(source));
        yield result.value;
      }
    }
  } finally {
    await Promise.all([...open.keys()].map((source) => source.return()));
  }
}

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time in ISO 8601, or a span ago: `30s`, `10m`, `2h`, `1d`. */
function timeFrom(text: string): string {
  const span = /^(\d{1,6})([smhd])$/.exec(text);
  const time = span ? Date.now() - Number(span[1]) * units[span[2] as keyof typeof units] : Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new FairwayError("bad_request", `"${text}" is no time`, {
    hint: "give a time like 2026-11-21T10:00:00Z, or a span like 10m",
  });
}
