import type { LogLine } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import { readLog } from "@fairway/engine";
import type { LogQuery, LogSource, SourceParts } from "./log-sources.ts";
import { logSources } from "./log-sources.ts";

export type LogParts = SourceParts;

export interface LogRequest extends LogQuery {
  readonly since?: string | undefined;
  readonly grep?: string | undefined;
  readonly lines?: number | undefined;
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
  const read = (source: LogSource): AsyncGenerator<LogLine, void, undefined> => linesOf(source, request, since, signal);
  if (request.follow === "true") yield* merged(sources.map(read));
  else for (const source of sources) yield* read(source);
}

async function* linesOf(
  { name, path, open }: LogSource,
  { grep, lines, follow }: LogRequest,
  since: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  const found = readLog({
    path,
    signal,
    grep,
    tail: lines,
    since,
    follow: follow === "true",
    ended: async () => !(await open()),
  });
  for await (const { offset, line, time } of found) yield { source: name, offset, at: time ?? null, text: line };
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
