import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { outputFrames, outputOf } from "../container-engine/output-frames.ts";
import type { LogLimits } from "../process-host/replica-log.ts";
import { sizeOf, turnOver } from "../process-host/replica-log.ts";
import { hasCode } from "../process-host/system-error.ts";
import type { WakeablePause } from "../process-host/wakeable-pause.ts";
import type { ContainerFiles } from "./container-record.ts";

/** What is needed to copy a container's log into our own. */
export interface LogCopy {
  readonly engine: ContainerEngine;
  readonly container: string;
  readonly files: ContainerFiles;
  readonly limits: LogLimits;
  readonly signal: AbortSignal;
  readonly pause: WakeablePause;
  /** Once the container has ended, when no more is to come. */
  readonly ended: AbortSignal;
}

const pauseBeforeMore = 500;

/**
 * Copies what a container writes until it has ended. Our file is a part of the engine's stream without a gap, so whoever
 * comes after a daemon that died knows by its size where to go on.
 */
export async function copyLog(copy: LogCopy): Promise<void> {
  for (;;) {
    const last = copy.ended.aborted;
    // What the engine cannot show now it shows later: nothing is lost, and nobody waits for it.
    await copyOnce(copy, last).catch(() => undefined);
    if (last || copy.signal.aborted) return;
    if (!copy.ended.aborted) await copy.pause.upTo(pauseBeforeMore);
  }
}

/**
 * Follows the log from where our file ends. Podman needs a second to see that a container which it follows has ended; we know
 * it earlier, and look once more, `last`, at what lies there.
 */
async function copyOnce({ engine, container, files, limits, ...copy }: LogCopy, last: boolean): Promise<void> {
  const signals = last ? [copy.signal] : [copy.signal, copy.ended];
  const isOver = (): boolean => signals.some(({ aborted }) => aborted);
  const docker = await engine.connected();
  const stream = await docker.getContainer(container).logs({ follow: true, stdout: true, stderr: true });
  const stop = (): void => void ("destroy" in stream && typeof stream.destroy === "function" && stream.destroy());
  for (const signal of signals) signal.addEventListener("abort", stop, { once: true });
  try {
    if (isOver()) return;
    let skip = cutOf(files) + sizeOf(files.log);
    const frames = outputFrames();
    for await (const piece of stream) {
      if (isOver()) return;
      for (const { bytes } of frames.take(piece as Buffer)) {
        const fresh = bytes.subarray(skip);
        skip = Math.max(0, skip - bytes.length);
        if (fresh.length > 0) appendFileSync(files.log, fresh, { mode: 0o600 });
      }
      await cutWhenLarge(files, limits);
    }
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", stop);
    stop();
  }
}

async function cutWhenLarge(files: ContainerFiles, limits: LogLimits): Promise<void> {
  const size = sizeOf(files.log);
  if (size > limits.bytes && (await turnOver(files.log, limits))) writeFileSync(files.cut, String(cutOf(files) + size));
}

function cutOf(files: ContainerFiles): number {
  try {
    return Number(readFileSync(files.cut, "utf8")) || 0;
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return 0;
    throw thrown;
  }
}

/** The last lines that a container wrote, as the engine has them. */
export async function lastLinesOf(
  engine: ContainerEngine,
  container: string,
  hide: (text: string) => string,
): Promise<readonly string[]> {
  const output = await engine.call<Buffer>(
    "read the container's log",
    async (docker) => docker.getContainer(container).logs({ follow: false, stdout: true, stderr: true, tail: 200 }),
    { 404: () => Buffer.alloc(0) },
  );
  // Hidden before it is cut: the end of a secret whose beginning was cut off would not be known as one.
  const lines = hide(outputOf(Buffer.from(output)).toString("utf8"))
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.slice(-30).map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line));
}
