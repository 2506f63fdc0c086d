import type { RouterTraffic } from "@fairway/core";
import { codeOf } from "@fairway/core";
import { figuresBetween, type FiguresByRoute, type Reading } from "./release-figures.ts";

const readEvery = 10_000;
const windowOf = 60_000;

/** What releases did in the last minute: keeps readings of the router's counts, and compares now with the oldest. */
export class TrafficWindow {
  private readonly read: () => Promise<RouterTraffic>;
  private readonly readings: Reading[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(read: () => Promise<RouterTraffic>) {
    this.read = read;
  }

  /** Reads now and then, until it is closed. Other troubles than a router that does not answer are told. */
  open(tell: (thrown: unknown) => void): void {
    const look = (): void =>
      void this.look(performance.now()).catch((thrown: unknown) => {
        // Whoever asks for figures meanwhile is told by the router itself.
        if (codeOf(thrown) !== "router_unavailable") tell(thrown);
      });
    look();
    this.timer = setInterval(look, readEvery).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Takes a reading, and forgets those that no window begins with any more. */
  async look(now: number): Promise<void> {
    this.readings.push({ at: now, traffic: await this.read() });
    while ((this.readings[1]?.at ?? now) <= now - windowOf) this.readings.shift();
  }

  /** Throws `router_unavailable`. */
  async figures(now: number): Promise<FiguresByRoute> {
    const after: Reading = { at: now, traffic: await this.read() };
    return figuresBetween(this.readings[0] ?? after, after);
  }
}
