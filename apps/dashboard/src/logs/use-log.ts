import type { LogLine } from "@fairway/api";
import { useQueries, useQuery } from "@tanstack/react-query";
import { asked } from "../api/answers.ts";
import { chunkLines, chunksOf, placeOfRow } from "./chunks.ts";
import type { LogSource } from "./log-source.ts";

/** How often a log that is still written is looked at again, in milliseconds. */
const lookAgain = 1000;

/** A log as far as it is seen. */
export interface OpenLog {
  readonly count: number;
  /** In bytes. */
  readonly size: number;
  readonly ended: boolean;
  readonly error: Error | null;
  readonly isLoading: boolean;
  /** The line of a row, counted from 0; undefined while it is on its way. */
  readonly line: (row: number) => LogLine | undefined;
}

/** Reads the parts of a log that are looked at, and how long it is; goes on looking while it is written. */
export function useLog(source: LogSource, firstRow: number, lastRow: number): OpenLog {
  const head = useQuery({
    ...asked("logWindow", { ...source, line: 1, lines: 1 }),
    refetchInterval: ({ state }) => (state.data?.ended === false ? lookAgain : false),
    retry: false,
  });
  const count = head.data?.count ?? 0;
  const size = head.data?.size ?? 0;
  const chunks = chunksOf(firstRow, Math.min(lastRow, count - 1));
  const parts = useQueries({
    queries: chunks.map((line) => {
      const { queryKey, queryFn } = asked("logWindow", { ...source, line, lines: chunkLines });
      // A part that is full never changes; the last one does with the log's size.
      const whole = line + chunkLines - 1 < count;
      return { queryKey: [...queryKey, whole ? "whole" : size], queryFn, staleTime: Infinity, gcTime: 30_000 };
    }),
  });
  const lines = new Map(chunks.map((chunk, index) => [chunk, parts[index]?.data?.lines]));
  return {
    count,
    size,
    ended: head.data?.ended ?? true,
    error: head.error,
    isLoading: head.data === undefined && head.error === null,
    line: (row) => {
      const { chunk, index } = placeOfRow(row);
      return lines.get(chunk)?.[index];
    },
  };
}
