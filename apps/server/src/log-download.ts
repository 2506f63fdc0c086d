import { openLogBytes } from "@fairway/engine";
import type { SentFile } from "./http/sent-file.ts";
import type { LogParts } from "./logs.ts";
import { oneSource } from "./logs.ts";
import type { LogQuery } from "./log-sources.ts";

const piece = 256 * 1024;

/** One log as a file, with all that was written, colours too. It ends where the log ended when it was asked for. */
export async function logFile(parts: LogParts, query: LogQuery, signal: AbortSignal): Promise<SentFile> {
  const { name, path } = await oneSource(parts, query);
  return {
    name: `${name.replaceAll(/[^\w.-]+/g, "-")}.log`,
    type: "text/plain; charset=utf-8",
    body: bytesOf(path, signal),
  };
}

async function* bytesOf(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const bytes = await openLogBytes(path);
  if (bytes === undefined) return;
  try {
    const size = await bytes.size();
    for (let offset = 0; offset < size && !signal.aborted;) {
      const into = Buffer.alloc(Math.min(piece, size - offset));
      const read = await bytes.read(into, into.length, offset);
      if (read === 0) return;
      yield into.subarray(0, read);
      offset += read;
    }
  } finally {
    await bytes.close();
  }
}
