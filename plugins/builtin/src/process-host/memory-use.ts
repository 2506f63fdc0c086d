import { readFileSync } from "node:fs";
import type { Bytes } from "@fairway/core";

/**
 * Whether these processes together use more memory than a limit. Pages that several of them share would count several
 * times in the resident size, which takes 0.01 ms to ask; the proportional size counts them once and takes 4 ms for a
 * service of 300 MB, so it is asked only when the other one is too large.
 */
export function usesMoreThan(limit: Bytes, pids: readonly number[]): boolean {
  if (sum(pids, "status", /^VmRSS:\s+(\d+) kB$/m) <= limit) return false;
  const proportional = sum(pids, "smaps_rollup", /^Pss:\s+(\d+) kB$/m);
  // Where the kernel does not tell it, the larger number is the one there is.
  return proportional === 0 || proportional > limit;
}

const sum = (pids: readonly number[], file: string, pattern: RegExp): Bytes =>
  pids.reduce((total, pid) => total + 1024 * Number(pattern.exec(textOf(`/proc/${pid}/${file}`))?.[1] ?? 0), 0);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It ended meanwhile, or is not ours to look into; then it cannot be counted.
  }
}
