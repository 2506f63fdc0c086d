import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { LineIndexWriter } from "./line-index.ts";
import { LogIndexWriter } from "./log-index.ts";
import { logPath } from "./log-path.ts";

/**
 * Writes a log from its first byte on, with its times and line numbers beside it. What is there already is written over
 * with the same bytes and never cut, because people may be reading it.
 */
export class LogWriter {
  private readonly log: FileHandle;
  private readonly times: LogIndexWriter;
  private readonly lines: LineIndexWriter;
  private written = 0;
  private closed = false;

  private constructor(log: FileHandle, times: LogIndexWriter, lines: LineIndexWriter) {
    this.log = log;
    this.times = times;
    this.lines = lines;
  }

  static async open(log: string): Promise<LogWriter> {
    const path = logPath(log);
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, "a")).close();
    return new LogWriter(await open(path, "r+"), await LogIndexWriter.open(path), await LineIndexWriter.open(path));
  }

  async write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    await this.times.mark(this.written);
    for (let from = 0; from < bytes.length;) {
      const { bytesWritten } = await this.log.write(bytes, from, bytes.length - from, this.written);
      from += bytesWritten;
      this.written += bytesWritten;
    }
    await this.lines.push(bytes);
  }

  /** Goes on behind what an earlier writer left, when it cannot be made again. */
  async skipToEnd(): Promise<void> {
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (;;) {
      const { bytesRead } = await this.log.read(chunk, 0, chunk.length, this.written);
      if (bytesRead === 0) return;
      this.written += bytesRead;
      await this.lines.push(chunk.subarray(0, bytesRead));
    }
  }

  /** No more will come; nothing is written after this. `later`: the caller sees to it that it outlives a power cut. */
  async end(durable: "now" | "later" = "now"): Promise<void> {
    if (durable === "now") await this.log.datasync();
    await this.times.end((await this.log.stat()).size);
    await this.close();
  }

  /** Nothing happens when it is closed already. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([this.log.close(), this.times.close(), this.lines.close()]);
  }
}
