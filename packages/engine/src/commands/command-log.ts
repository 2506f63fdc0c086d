import { type FileHandle, open, rm } from "node:fs/promises";
import { LogWriter } from "../logs/log-writer.ts";
import { FilteredOutput, type OutputFilter } from "./output-filter.ts";
import { type OutputLimits, ShownOutput } from "./shown-output.ts";

/** Large enough that a viewer, who takes as long for a quarter of it, does not slow the copying down. */
const chunkBytes = 1024 * 1024;

/** What must not be readable in a log, how much of it is kept, and who sees it first. */
export interface CommandLogOptions {
  readonly secrets: readonly string[];
  readonly limits: OutputLimits;
  readonly filter?: OutputFilter | undefined;
}

/**
 * Copies what a command writes into the log that people read. It always begins at the first byte and writes at offsets,
 * so after a crash it makes the same bytes at the same places, and two that do it at once do no harm.
 */
export class CommandLog {
  private readonly raw: FileHandle;
  private readonly rawPath: string;
  private readonly log: LogWriter;
  private readonly output: ShownOutput;
  private readonly filter: FilteredOutput | undefined;
  private readonly limit: number;
  private readonly chunk = Buffer.allocUnsafe(chunkBytes);
  private taken = 0;
  private closed = false;

  private constructor(
    raw: { readonly file: FileHandle; readonly path: string },
    log: LogWriter,
    { secrets, limits, filter }: CommandLogOptions,
  ) {
    this.raw = raw.file;
    this.rawPath = raw.path;
    this.log = log;
    this.output = new ShownOutput(secrets, limits);
    this.filter =
      filter === undefined ? undefined : new FilteredOutput(filter, (masks) => this.output.addSecrets(masks));
    this.limit = limits.bytes;
  }

  /** Undefined when the raw output is gone, which means that the log is complete. */
  static async open(rawPath: string, logPath: string, options: CommandLogOptions): Promise<CommandLog | undefined> {
    const raw = await open(rawPath, "r+").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return undefined;
      throw thrown;
    });
    if (raw === undefined) return undefined;
    try {
      return new CommandLog({ file: raw, path: rawPath }, await LogWriter.open(logPath), options);
    } catch (thrown) {
      await raw.close();
      throw thrown;
    }
  }

  /** Copies what came since; true when there was something. */
  async pump(): Promise<boolean> {
    let some = false;
    while (this.taken < this.limit) {
      const room = Math.min(chunkBytes, this.limit - this.taken);
      const { bytesRead } = await this.raw.read(this.chunk, 0, room, this.taken);
      if (bytesRead === 0) return some;
      some = true;
      this.taken += bytesRead;
      const bytes = this.chunk.subarray(0, bytesRead);
      await this.log.write(this.output.push(this.filter === undefined ? bytes : await this.filter.push(bytes)));
    }
    const { size } = await this.raw.stat();
    if (size <= this.limit) return some;
    this.output.cut();
    // What is over the limit will never be shown, so it need not fill the disk. One byte more than the limit stays and
    // tells, when the log is made again, that there was more. The writer appends, so it goes on after that.
    if (size > this.limit + 1) await this.raw.truncate(this.limit + 1);
    return some || size > this.limit + 1;
  }

  /** Adds a line of ours, for when the rest of the output may not be shown. */
  async withhold(why: string): Promise<void> {
    await this.log.skipToEnd();
    await this.log.write(Buffer.from(`\n[${why}]\n`));
  }

  /** Copies the rest, marks the log as ended and removes the raw output. */
  async finish(): Promise<void> {
    await this.pump();
    if (this.filter !== undefined) await this.log.write(this.output.push(await this.filter.end()));
    await this.log.write(this.output.end());
    await this.seal();
  }

  /** Marks the log as ended as it is and removes the raw output. */
  async seal(): Promise<void> {
    await this.log.end();
    await this.close();
    await rm(this.rawPath, { force: true });
  }

  /** Nothing happens when it is closed already. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([this.raw.close(), this.log.close()]);
  }
}
