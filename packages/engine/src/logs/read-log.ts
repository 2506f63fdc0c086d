import { stat } from "node:fs/promises";
import type { Timestamp } from "@fairway/core";
import { forTerminal } from "./for-terminal.ts";
import { type FileLine, GrowingFile, offsetOfLastLines } from "./growing-file.ts";
import { hasLineIndex, lineAt, placeOfLine } from "./line-index.ts";
import { LogChanges } from "./log-changes.ts";
import { LogTimes } from "./log-index.ts";

/** Which lines of a log are wanted. */
export interface LogQuery {
  readonly path: string;
  /** A byte offset to go on from: the `next` of the last line that was read. */
  readonly from?: number | undefined;
  /** The number of the line to begin with, counted from 1. */
  readonly fromLine?: number | undefined;
  /** At most so many lines. */
  readonly lines?: number | undefined;
  /** Of what is there now only the last so many (matching) lines. */
  readonly tail?: number | undefined;
  /**
   * Only what was written at this time or later, as far as the log's index knows. Without an index a log is given whole
   * when it was changed since, and not at all otherwise.
   */
  readonly since?: Timestamp | undefined;
  /** Only lines that contain this text as it stands; colours in the log do not matter. */
  readonly grep?: string | undefined;
  /** Waits for more until the log has ended. */
  readonly follow?: boolean | undefined;
  /** Says that nobody writes any more, for a log whose index does not tell. */
  readonly ended?: (() => boolean | Promise<boolean>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One line of a log. */
export interface LogLine {
  readonly offset: number;
  /** Where to go on from. */
  readonly next: number;
  readonly line: string;
  /** Its number, from 1; absent where counting would mean to read the whole log. */
  readonly number?: number;
  /** When it was written; absent when nobody noted it. */
  readonly time?: Timestamp;
}

/**
 * Reads a log, also while it is written. A log that is not there has no lines yet. Ends without an error when the signal
 * is aborted.
 */
export async function* readLog(query: LogQuery): AsyncGenerator<LogLine> {
  const { path, follow = false, signal } = query;
  const times = new LogTimes(path);
  const changes = new LogChanges(path);
  await times.refresh();
  const from = await startOf(query, times);
  if (from === undefined && !follow) return;
  const start = from ?? { offset: await offsetOfLastLines(path, 0) };
  const file = new GrowingFile(path, start.offset);
  let number = start.line;
  if (follow) changes.arm();
  let left = query.lines ?? Infinity;
  // The last lines that match can only be told from the others by reading all.
  let ring: LogLine[] | undefined = query.tail !== undefined && keepsRing(query) ? [] : undefined;
  try {
    for (;;) {
      // Asked before reading: what was written before the end is then in what is read.
      const over = !follow || (await hasEnded(query, times));
      for await (const line of file.lines(over)) {
        if (signal?.aborted === true) return;
        // Another file took the place.
        if (line.offset === 0) number = 1;
        const known = described(line, times, number);
        if (number !== undefined) number++;
        if (!matches(line.line, query.grep)) continue;
        if (ring === undefined) {
          yield known;
          if (--left <= 0) return;
        } else {
          ring.push(known);
          if (ring.length > (query.tail ?? 0)) ring.shift();
        }
      }
      for (const line of ring ?? []) {
        yield line;
        if (--left <= 0) return;
      }
      ring = undefined;
      if (over && (!follow || times.end === undefined || file.hasReached(times.end))) return;
      await changes.wait(signal);
      if (signal?.aborted === true) return;
      changes.arm();
      await times.refresh();
    }
  } finally {
    changes.close();
    await file.close();
  }
}

/** Where to begin to read; undefined when nothing that is there now is wanted. */
async function startOf(query: LogQuery, times: LogTimes): Promise<Start | undefined> {
  const { path, from = 0, fromLine, since, tail } = query;
  let start: Start = { offset: from };
  if (fromLine !== undefined) {
    const place = await placeOfLine(path, fromLine);
    if (place.offset >= from) start = place;
  }
  if (since !== undefined) {
    const moment = Date.parse(since);
    if (times.known) {
      const first = times.firstSince(moment);
      if (first === undefined) return undefined;
      start = later(start, await lineStartBefore(path, first));
    } else {
      const found = await stat(path).catch(ifMissing);
      if (found !== undefined && found.mtimeMs < moment) return undefined;
    }
  }
  if (tail !== undefined && !keepsRing(query)) start = later(start, await offsetOfLastLines(path, tail));
  if (start.line !== undefined || start.offset === 0 || !(await hasLineIndex(path))) return start;
  return { offset: start.offset, line: await lineAt(path, start.offset) };
}

interface Start {
  readonly offset: number;
  /** The number of the line that begins there, where it is known. */
  readonly line?: number;
}

const later = (start: Start, offset: number): Start => (offset > start.offset ? { offset } : start);

const keepsRing = ({ grep }: LogQuery): boolean => grep !== undefined && grep !== "";

/** A mark may fall into the middle of a line; the line is wanted whole. */
async function lineStartBefore(path: string, offset: number): Promise<number> {
  if (offset === 0) return 0;
  const file = new GrowingFile(path, Math.max(0, offset - 64 * 1024));
  let start = 0;
  try {
    for await (const line of file.lines(true)) {
      if (line.offset > offset) break;
      start = line.offset;
      if (line.next > offset) break;
      start = line.next;
    }
  } finally {
    await file.close();
  }
  return start;
}

async function hasEnded({ ended }: LogQuery, times: LogTimes): Promise<boolean> {
  return times.end !== undefined || (await ended?.()) === true;
}

function matches(line: string, grep: string | undefined): boolean {
  if (grep === undefined || line.includes(grep)) return true;
  return line.includes("\u001b") && forTerminal(line).includes(grep);
}

function described(line: FileLine, times: LogTimes, number: number | undefined): LogLine {
  const { offset, next, line: text } = line;
  const time = times.timeAt(offset);
  // Written out: spreads for each of a million lines take longer than reading them.
  if (number === undefined) return time === undefined ? line : { offset, next, line: text, time };
  return time === undefined ? { offset, next, line: text, number } : { offset, next, line: text, number, time };
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
