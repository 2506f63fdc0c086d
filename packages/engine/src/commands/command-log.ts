import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { LogIndexWriter } from "../logs/log-index.ts";
import { type OutputLimits, ShownOutput } from "./shown-output.ts";

const chunkBytes = 256 * 1024;

/**
 * Copies what a command writes into the log that people read. It always begins at the first byte and writes at offsets,
 * so after a crash it makes the same bytes at the same places, and two that do it at once do no harm.
 */
export class CommandLog {
  private readonly raw: FileHandle;
  private readonly rawPath: string;
  private readonly log: FileHandle;
  private readonly index: LogIndexWriter;
  private readonly output: ShownOutput;
  private readonly limit: number;
  private readonly chunk = Buffer.allocUnsafe(chunkBytes);
  private taken = 0;
  private written = 0;
  private closed = false;

  private constructor(
    files: {
      readonly raw: FileHandle;
      readonly rawPath: string;
      readonly log: FileHandle;
      readonly index: LogIndexWriter;
    },
    output: ShownOutput,
    limit: number,
  ) {
    this.raw = files.raw;
    this.rawPath = files.rawPath;
    this.log = files.log;
    this.index = files.index;
    this.output = output;
    this.limit = limit;
  }

  /** Undefined when the raw output is gone, which means that the log is complete. */
  static async open(
    rawPath: string,
    logPath: string,
    secrets: readonly string[],
    limits: OutputLimits,
  ): Promise<CommandLog | undefined> {
    const raw = await open(rawPath, "r+").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return undefined;
      throw thrown;
    });
    if (raw === undefined) return undefined;
    await mkdir(dirname(logPath), { recursive: true });
    // Neither truncated nor appended to: people may be reading it.
    const log = await open(logPath, "a").then(async (created) => {
      await created.close();
      return open(logPath, "r+");
    });
    const index = await LogIndexWriter.open(logPath);
    return new CommandLog({ raw, rawPath, log, index }, new ShownOutput(secrets, limits), limits.bytes);
  }

  /** Copies what came since; true when there was something. */
  async pump(): Promise<boolean> {
    let some = false;
    for (;;) {
      const { bytesRead } = await this.raw.read(this.chunk, 0, chunkBytes, this.taken);
      if (bytesRead === 0) return some;
      some = true;
      this.taken += bytesRead;
      await this.write(this.output.push(this.chunk.subarray(0, bytesRead)));
      if (this.output.full) {
        // What is over the limit will never be shown, so it need not fill the disk. One byte more than the limit stays
        // and tells, when the log is made again, that there was more. The writer appends, so it goes on after that.
        await this.raw.truncate(this.limit + 1);
        this.taken = this.limit + 1;
        return some;
      }
    }
  }

  /** Adds a line of ours, for when the rest of the output may not be shown. */
  async withhold(why: string): Promise<void> {
    this.written = (await this.log.stat()).size;
    await this.write(Buffer.from(`\n[${why}]\n`));
  }

  /** Copies the rest, marks the log as ended and removes the raw output. */
  async finish(): Promise<void> {
    await this.pump();
    await this.write(this.output.end());
    await this.seal();
  }

  /** Marks the log as ended as it is and removes the raw output. */
  async seal(): Promise<void> {
    await this.log.datasync();
    await this.index.end((await this.log.stat()).size);
    await this.close();
    await rm(this.rawPath, { force: true });
  }

  /** Nothing happens when it is closed already. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([this.raw.close(), this.log.close(), this.index.close()]);
  }

  private async write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    await this.index.mark(this.written);
    for (let from = 0; from < bytes.length;) {
      const { bytesWritten } = await this.log.write(bytes, from, bytes.length - from, this.written);
      from += bytesWritten;
      this.written += bytesWritten;
    }
  }
}
