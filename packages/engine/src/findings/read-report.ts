import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { dirname, sep } from "node:path";
import type { CheckReport, ReportReading } from "@fairway/core";
import { readEslint } from "./eslint-report.ts";
import { readForge } from "./forge-report.ts";
import { readJunit } from "./junit-report.ts";
import { annotationsOfLive, readLiveReport } from "./live-report.ts";
import type { Places } from "./places.ts";
import { readRuff } from "./ruff-report.ts";
import { readSarif } from "./sarif-report.ts";
import { readSolidity } from "./solidity-report.ts";
import { readTap } from "./tap-report.ts";
import { readTypescript } from "./typescript-report.ts";

/** More than this is not read: it would keep the daemon from everything else for seconds. */
const largestReport = 16 * 1024 * 1024;

/** The bytes of a report, or why it cannot be used. */
export type ReportBytes = { readonly bytes: Buffer } | { readonly why: string };

/**
 * The bytes of a report that a command has left. The command was somebody's code: a link is not followed, a pipe not
 * waited for, and what lies outside of `within` not read.
 */
export async function reportBytes(file: string, within: string): Promise<ReportBytes> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const [folder, allowed] = await Promise.all([realpath(dirname(file)), realpath(within)]);
    if (folder !== allowed && !folder.startsWith(allowed + sep)) return { why: "it lies outside of the checkout" };
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const about = await handle.stat();
      if (!about.isFile()) return { why: "it is not a file" };
      if (about.size > largestReport) return { why: `it is larger than ${largestReport / 1024 ** 2} MiB` };
      // Of what it was then: a process that still writes does not make it endless.
      const bytes = Buffer.alloc(about.size);
      const { bytesRead } = await handle.read(bytes, 0, about.size, 0);
      return { bytes: bytes.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    switch (code) {
      case "ENOENT":
      case "ENOTDIR":
        return { why: "the command left none" };
      case "ELOOP":
        return { why: "it is a link, which is not followed" };
      case "EISDIR":
      case "ENXIO":
        return { why: "it is not a file" };
      case "EACCES":
        return { why: "it may not be read" };
      default:
        throw thrown;
    }
  }
}

/** What a report says. Never throws for what is in it: whatever a tool wrote is a reading, or why it is none. */
export function readReport(report: CheckReport, bytes: Uint8Array, places: Places): ReportReading {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { read: false, why: "it is not UTF-8" };
  }
  try {
    return { read: true, ...readingOf(report, text, places) };
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "NotThatReport") return { read: false, why: thrown.message };
    // Nested deeper than the stack: JSON.parse does not say so otherwise.
    if (thrown instanceof RangeError) return { read: false, why: "it is nested too deep" };
    throw thrown;
  }
}

type Reading = Omit<Extract<ReportReading, { read: true }>, "read">;

function readingOf(report: CheckReport, text: string, places: Places): Reading {
  switch ("tool" in report ? report.tool : report.format) {
    case "eslint":
      return { annotations: readEslint(text, places), tests: null };
    case "ruff":
      return { annotations: readRuff(text, places), tests: null };
    case "tsc":
      return { annotations: readTypescript(text, places), tests: null };
    case "hardhat":
      return { annotations: readSolidity(text, places), tests: null };
    case "forge":
      return readForge(text, places);
    // It counts lines from 0: https://github.com/pytest-dev/pytest/blob/main/src/_pytest/junitxml.py
    case "pytest":
      return readJunit(text, places, 0);
    case "node-test":
    case "vitest":
    case "junit":
      return readJunit(text, places);
    case "tap":
      return readTap(text, places);
    case "fairway-check":
      return annotationsOfLive(readLiveReport(text));
    case "sarif":
      return { annotations: readSarif(text, places), tests: null };
  }
}
