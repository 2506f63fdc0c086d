import type { LogLine } from "@fairway/api";
import { useQueries, useQuery } from "@tanstack/react-query";
import { asked } from "../api/answers.ts";
import { chunkLines, chunksOf, placeOfLine } from "./chunks.ts";
import type { LogSource } from "./log-source.ts";

/** How often a log that is still written is looked at again, in milliseconds. */
const lookAgain = 1000;

/** How long a log is now. */
export interface LogHead {
  /** In lines. */
  readonly count: number;
  /** In bytes. */
  readonly size: number;
  readonly ended: boolean;
  /** Why nothing is known of it; what is known stays when it cannot be asked again. */
  readonly error: Error | null;
  readonly isLoading: boolean;
}

/** Looks how long a log is, again and again while it is written, or, of what is `live`, not there yet. */
export function useLogHead(source: LogSource, live: boolean): LogHead {
  const { data, error } = useQuery({
    ...asked("logWindow", { ...source, line: 1, lines: 1 }),
    // What has only just begun has no log yet.
    refetchInterval: ({ state }) =>
      state.data?.ended === false || (live && state.data === undefined) ? lookAgain : false,
    retry: false,
  });
  return {
    count: data?.count ?? 0,
    size: data?.size ?? 0,
    ended: data?.ended ?? true,
    error: data === undefined ? error : null,
    isLoading: data === undefined && error === null,
  };
}

/** Reads the parts of a log that hold these lines, once it is worth it; a line that is on its way is undefined. */
export function useLogLines(
  source: LogSource,
  { count, size }: Pick<LogHead, "count" | "size">,
  wanted: readonly number[],
  isWorthIt: boolean,
): (line: number) => LogLine | undefined {
  const chunks = chunksOf(wanted);
  const parts = useQueries({
    queries: chunks.map((line) => {
      const { queryKey, queryFn } = asked("logWindow", { ...source, line, lines: chunkLines });
      // A part that is full never changes; the last one does with the log's size.
      const whole = line + chunkLines - 1 < count;
      return {
        queryKey: [...queryKey, whole ? "whole" : size],
        queryFn,
        staleTime: Infinity,
        gcTime: 30_000,
        enabled: isWorthIt,
      };
    }),
  });
  const lines = new Map(chunks.map((chunk, index) => [chunk, parts[index]?.data?.lines]));
  return (line) => {
    const { chunk, index } = placeOfLine(line);
    return lines.get(chunk)?.[index];
  };
}
