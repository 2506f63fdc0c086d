import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { sumOfTraffic } from "../proxy/traffic-counters.ts";
import type { TrafficByRoute } from "./messages.ts";

/** What a router has counted since when. */
export interface StoredMetrics {
  readonly since: string;
  readonly routes: TrafficByRoute;
}

/** Releases that a route keeps counts of across restarts; an analysis compares the last two. */
const releasesKept = 50;

/** Keeps the counts of a router over its restarts. A crash of the machine may cost the last seconds of them. */
export class MetricsFile {
  private readonly path: string;
  private written = "";

  constructor(path: string) {
    this.path = path;
  }

  /** Null when there is none, or none that can be read: counts start anew then, and `since` says so. */
  read(): StoredMetrics | null {
    try {
      const { since, routes } = JSON.parse(readFileSync(this.path, "utf8")) as StoredMetrics;
      if (Number.isNaN(Date.parse(since))) return null;
      const recent = Object.entries(routes).map(([name, releases]) => [
        name,
        Object.fromEntries(Object.entries(releases).slice(-releasesKept)),
      ]);
      return { since, routes: sumOfTraffic([Object.fromEntries(recent) as TrafficByRoute]) };
    } catch (error) {
      // Counts are worth no stop: whatever is in the file, the router is to carry traffic.
      if (error instanceof Error) return null;
      throw error;
    }
  }

  /** Does nothing when it says so already. Not forced to disk: the counts of the last seconds are not worth the wait. */
  write(metrics: StoredMetrics): void {
    const text = JSON.stringify(metrics);
    if (text === this.written) return;
    writeFileSync(`${this.path}.new`, text, { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
    this.written = text;
  }
}
