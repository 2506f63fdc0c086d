import { accessLine, isTrouble, type Access } from "./access-line.ts";
import { RotatingFile, type Rotation } from "./rotating-file.ts";

/** Where requests are logged, and which. */
export interface AccessLogSettings {
  readonly path: string;
  /** Which part of the requests that went well, from 0 to 1. */
  readonly sample: number;
  /** Whether the values in queries are written too. */
  readonly queries: boolean;
  readonly rotation: Rotation;
}

const writeEvery = 250;
/** Written without waiting. */
const ample = 64 * 1024;
/** What may wait for a disk that is slow or full; beyond it lines are counted and dropped. */
const mostWaiting = 4 * 1024 * 1024;

/** Logs requests as lines of JSON, in batches and never in their way. A kill loses the last quarter of a second. */
export class AccessLog {
  private readonly settings: AccessLogSettings;
  private readonly file: RotatingFile;
  private readonly failed: (error: unknown) => void;
  private waiting = "";
  private dropped = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | null = null;
  private failing = false;

  constructor(settings: AccessLogSettings, failed: (error: unknown) => void) {
    this.settings = settings;
    this.failed = failed;
    this.file = new RotatingFile(settings.path, settings.rotation);
  }

  /** Makes this process the one of several that sets the file aside when it is large. */
  rotate(here: boolean): void {
    this.file.rotates = here;
  }

  write(access: Access): void {
    const { sample } = this.settings;
    if (sample < 1 && !isTrouble(access) && Math.random() >= sample) return;
    if (this.waiting.length > mostWaiting) return void this.dropped++;
    this.waiting += accessLine(access, new Date(), this.settings);
    if (this.waiting.length >= ample) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), writeEvery).unref();
  }

  /** Resolves when all that was written before is in the file, or could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writing !== null) await this.writing;
    // Whoever waited beside this call may have begun the next batch.
    else if (this.waiting !== "") await (this.writing = this.writeBatch());
  }

  async close(): Promise<void> {
    while (this.waiting !== "" || this.writing !== null) await this.flush();
    await this.file.close();
  }

  private async writeBatch(): Promise<void> {
    const batch = this.waiting;
    this.waiting = "";
    const { dropped } = this;
    const note = dropped === 0 ? "" : `${JSON.stringify({ at: new Date().toISOString(), dropped })}\n`;
    try {
      await this.file.append(note + batch);
      this.dropped -= dropped;
      this.failing = false;
    } catch (error) {
      this.dropped += batch.split("\n").length - 1;
      // Said once for each spell: a full disk would otherwise fill the other log too.
      if (!this.failing) this.failed(error);
      this.failing = true;
    }
    this.writing = null;
    if (this.waiting !== "") this.timer ??= setTimeout(() => void this.flush(), writeEvery).unref();
  }
}
