import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { bootId } from "../commands/processes.ts";

/**
 * Which steps of an attempt have begun, so that after a power cut nobody takes one for new that may have run. One wait for
 * the disk for each step, beside the preparation of what it runs; a command that wrote this down itself would need four.
 */
export class BegunSteps {
  readonly #file: FileHandle;
  /** Begun before this machine was started the last time. */
  readonly #before: ReadonlySet<string>;
  readonly #now = new Map<string, Promise<void>>();

  private constructor(file: FileHandle, before: ReadonlySet<string>) {
    this.#file = file;
    this.#before = before;
  }

  static async open(attemptDirectory: string): Promise<BegunSteps> {
    await mkdir(attemptDirectory, { recursive: true });
    const file = await open(join(attemptDirectory, "begun"), "a+", 0o600);
    const text = await file.readFile("utf8");
    const lines = text.split("\n").slice(0, -1);
    if (lines.length === 0) {
      const directory = await open(attemptDirectory, "r");
      await directory.sync();
      await directory.close();
    }
    const before = lines.flatMap((line) => {
      const [boot, key] = line.split(" ");
      return boot === bootId() || key === undefined ? [] : [key];
    });
    return new BegunSteps(file, new Set(before));
  }

  /** Whether it had begun when the machine went down, so that nobody can say what it did. */
  beganBeforeBoot(key: string): boolean {
    return this.#before.has(key);
  }

  /** Begins to write it down; nothing of the step may run before `written` has resolved. */
  begin(key: string): void {
    if (this.#now.has(key)) return;
    const writing = this.#file.appendFile(`${bootId()} ${key}\n`).then(() => this.#file.datasync());
    // Whoever waits for it is told.
    writing.catch(() => {});
    this.#now.set(key, writing);
  }

  async written(key: string): Promise<void> {
    this.begin(key);
    await this.#now.get(key);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
