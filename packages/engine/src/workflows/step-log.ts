import { type FileHandle, open } from "node:fs/promises";
import type { OutputFilter } from "../commands/output-filter.ts";
import { FilteredOutput } from "../commands/output-filter.ts";
import type { OutputCopy } from "../commands/run-command.ts";
import { defaultOutputLimits, ShownOutput } from "../commands/shown-output.ts";
import { LogWriter } from "../logs/log-writer.ts";

const chunkBytes = 1024 * 1024;
const newline = 0x0a;

/**
 * The log of one step: what the step says itself, and between that what its commands write, all of it masked. It is made
 * from its first byte each time the step is carried out, so after a crash the same bytes come to the same places.
 */
export class StepLog {
  readonly #log: LogWriter;
  readonly #output: ShownOutput;
  /** Writes follow each other; what went wrong is told by `end`. */
  #writing: Promise<void> = Promise.resolve();
  #lineIsOpen = false;

  private constructor(log: LogWriter, secrets: readonly string[]) {
    this.#log = log;
    this.#output = new ShownOutput(secrets);
  }

  static async open(path: string, secrets: readonly string[]): Promise<StepLog> {
    return new StepLog(await LogWriter.open(path), secrets);
  }

  /** Whole lines of the step itself. */
  lines(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = `${this.#lineIsOpen ? "\n" : ""}${lines.join("\n")}\n`;
    // What could not be written is told by whoever waits for the end of the log.
    this.push(Buffer.from(text)).catch(() => {});
  }

  /** Values that are unreadable from here on. */
  mask(values: readonly string[]): void {
    this.#output.addSecrets(values);
  }

  push(bytes: Buffer): Promise<void> {
    if (bytes.length > 0) this.#lineIsOpen = bytes.at(-1) !== newline;
    const shown = this.#output.push(bytes);
    this.#writing = this.#writing.then(() => this.#log.write(shown));
    return this.#writing;
  }

  /** Copies the output of a command, which stays where it is. Undefined when it is gone. */
  async copyOf(raw: string, filter: OutputFilter | undefined): Promise<OutputCopy | undefined> {
    const file = await open(raw, "r+").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return undefined;
      throw thrown;
    });
    return file && new CommandCopy(file, this, filter);
  }

  /** Nothing of what a command goes on writing will be shown. */
  cut(): void {
    this.#output.cut();
  }

  /** No more will come; throws when something could not be written. It outlives a power cut only when it was synced. */
  async end(): Promise<void> {
    try {
      await this.#writing;
      await this.#log.write(this.#output.end());
      await this.#log.end("later");
    } finally {
      await this.#log.close();
    }
  }
}

/** Copies one command's output into the log of its step. */
class CommandCopy implements OutputCopy {
  readonly #raw: FileHandle;
  readonly #log: StepLog;
  readonly #filter: FilteredOutput | undefined;
  readonly #chunk = Buffer.allocUnsafe(chunkBytes);
  #taken = 0;
  #closed = false;

  constructor(raw: FileHandle, log: StepLog, filter: OutputFilter | undefined) {
    this.#raw = raw;
    this.#log = log;
    this.#filter = filter && new FilteredOutput(filter, (masks) => log.mask(masks));
  }

  async pump(): Promise<boolean> {
    let some = false;
    const limit = defaultOutputLimits.bytes;
    while (this.#taken < limit) {
      const room = Math.min(chunkBytes, limit - this.#taken);
      const { bytesRead } = await this.#raw.read(this.#chunk, 0, room, this.#taken);
      if (bytesRead === 0) return some;
      some = true;
      this.#taken += bytesRead;
      const bytes = this.#chunk.subarray(0, bytesRead);
      await this.#log.push(this.#filter === undefined ? bytes : await this.#filter.push(bytes));
    }
    const { size } = await this.#raw.stat();
    if (size <= limit) return some;
    this.#log.cut();
    // As in a command's own log: what is over the limit need not fill the disk, and one byte more tells that it was there.
    if (size > limit + 1) await this.#raw.truncate(limit + 1);
    return some || size > limit + 1;
  }

  async withhold(why: string): Promise<void> {
    await this.#log.push(Buffer.from(`\n[${why}]\n`));
  }

  async finish(): Promise<void> {
    await this.pump();
    if (this.#filter !== undefined) await this.#log.push(await this.#filter.end());
    await this.close();
  }

  async seal(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#raw.close();
  }
}
