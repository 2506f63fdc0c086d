import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { FairwayError, type Millis } from "@fairway/core";
import { hasCode } from "../process-host/system-error.ts";

const lockWithin: Millis = 30_000;
const tryAgainIn: Millis = 10;

/** Who waits for a directory in this process: they take turns without asking the kernel. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Does something as the only one, in this process and in others, who changes the HAProxy of a directory. The lock is an
 * abstract socket: the kernel frees it with the process, also at kill -9. Where there are none it is a socket file.
 */
export async function asOnlyWriter<Result>(directory: string, act: () => Promise<Result>): Promise<Result> {
  const before = turns.get(directory) ?? Promise.resolve();
  const mine = before.then(() => locked(directory, act));
  const settled = mine.catch(() => undefined);
  turns.set(directory, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(directory) === settled) turns.delete(directory);
  }
}

async function locked<Result>(directory: string, act: () => Promise<Result>): Promise<Result> {
  const lock = await takeLock(directory);
  try {
    return await act();
  } finally {
    await new Promise((closed) => lock.close(closed));
  }
}

async function takeLock(directory: string): Promise<Server> {
  const name = createHash("sha256")
    .update(await realpath(directory))
    .digest("hex")
    .slice(0, 32);
  const place = process.platform === "linux" ? `\0fairway-haproxy-${name}` : join(directory, "writer.lock");
  const deadline = performance.now() + lockWithin;
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    try {
      await new Promise<void>((listening, failed) => {
        server.once("error", failed);
        server.listen(place, listening);
      });
      return server;
    } catch (cause) {
      if (!hasCode(cause, "EADDRINUSE") || performance.now() > deadline) {
        throw new FairwayError(
          "locked",
          `somebody else has been changing the HAProxy of ${directory} for ${lockWithin} ms`,
          {
            retryable: true,
            cause,
          },
        );
      }
      await wait(tryAgainIn);
    }
  }
}
