import { get } from "node:http";
import type { Route } from "@fairway/core";
import { isOutOfFiles } from "../process/open-files.ts";
import type { LiveEndpoint } from "./plane-context.ts";

/** How often a well endpoint must fail in a row to be left out, so that one lost answer is no outage. */
const failuresToEject = 2;

/** Asks one endpoint its health path at the route's interval until it is stopped. */
export class HealthChecks {
  health: Route["health"];
  private readonly endpoint: LiveEndpoint;
  private readonly recovered: () => void;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(endpoint: LiveEndpoint, health: Route["health"], recovered: () => void) {
    this.endpoint = endpoint;
    this.health = health;
    this.recovered = recovered;
    this.askLater(Math.random());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Spread by a tenth, so that the checks of many endpoints do not come in one burst. */
  private askLater(part: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.ask(), this.health.interval * part);
    this.timer.unref();
  }

  private async ask(): Promise<void> {
    const problem = await healthProblem(this.endpoint.endpoint, this.health);
    if (this.stopped) return;
    if (problem === cannotTell) {
      // Nothing is known against it.
    } else if (problem === null) {
      this.failures = 0;
      if (!this.endpoint.well) {
        this.endpoint.well = true;
        this.recovered();
      }
    } else if (++this.failures >= failuresToEject) {
      this.endpoint.well = false;
      this.endpoint.lastFailure = problem;
    }
    this.askLater(0.9 + Math.random() * 0.2);
  }
}

const cannotTell = Symbol("it could not be asked");

/** Why an endpoint is not well; null when it is. Any 2xx answer in time is well. */
function healthProblem(
  endpoint: { host: string; port: number },
  health: Route["health"],
): Promise<string | null | typeof cannotTell> {
  const { host, port } = endpoint;
  const { path, timeout } = health;
  return new Promise((tell) => {
    const headers = { host: `${host}:${port}`, "user-agent": "fairway-router" };
    const request = get({ host, port, path, headers, agent: false, signal: AbortSignal.timeout(timeout) });
    request.on("response", (answer) => {
      answer.resume();
      answer.on("error", () => undefined); // the status is all that counts
      const { statusCode = 0 } = answer;
      tell(statusCode >= 200 && statusCode < 300 ? null : `GET ${path} answered ${statusCode}`);
      answer.on("end", () => request.destroy());
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (isOutOfFiles(error.code ?? "")) return tell(cannotTell);
      const why =
        error.name === "AbortError" || error.name === "TimeoutError"
          ? `nothing in ${timeout} ms`
          : (error.code ?? error.message);
      tell(`GET ${path}: ${why}`);
    });
  });
}
