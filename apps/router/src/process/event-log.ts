import { writeSync } from "node:fs";

/** Writes one line of JSON per event. Lines of several processes do not mix: each is one write to an appending file. */
export class EventLog {
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  write(event: string, details: Readonly<Record<string, unknown>> = {}): void {
    const line = JSON.stringify({ at: new Date().toISOString(), pid: process.pid, event, ...details });
    try {
      writeSync(this.fd, `${line}\n`);
    } catch (error) {
      // A full disk or a closed pipe must not stop traffic, and there is nowhere left to say so.
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
}
