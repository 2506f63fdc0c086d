import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Who asks, and how often. */
export interface LoadPlan {
  readonly port: number;
  /** Short requests a second: GETs on kept and on new connections, and POSTs of 2 kB. */
  readonly rate: number;
  /** Clients that ask for something that takes 3 s, again and again. */
  readonly slow: number;
  readonly webSockets: number;
  readonly eventStreams: number;
}

/** What became of it all. */
export interface LoadReport {
  /** Short ones; the slow ones are counted for themselves. */
  readonly requests: number;
  readonly slow: number;
  readonly messages: number;
  readonly events: number;
  readonly webSockets: number;
  readonly eventStreams: number;
  /** WebSockets and event streams that were ended politely, and came back. */
  readonly handedOver: number;
  readonly seconds: number;
  /** How often what went wrong: `get ECONNRESET`, `post 502`, `websocket closed with 1006`. */
  readonly failures: Readonly<Record<string, number>>;
  readonly firstFailures: readonly string[];
  readonly releases: readonly string[];
  /** Of the short requests, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Clients of many kinds that go on until they are stopped. */
export interface MixedLoad {
  report(): Promise<LoadReport>;
  /** Lets everything that was asked be answered. */
  stop(): Promise<LoadReport>;
  kill(): void;
}

const program = join(import.meta.dirname, "mixed-load.mjs");

/** The mix of the bars: 500 short requests a second, six slow ones at a time, four WebSockets, three event streams. */
export const theMix: Omit<LoadPlan, "port"> = { rate: 500, slow: 6, webSockets: 4, eventStreams: 3 };

/** Begins to ask. */
export function mixedLoad(plan: LoadPlan): MixedLoad {
  const child = fork(program, [JSON.stringify(plan)], { execArgv: [] });
  const told = async (message: "report" | "stop"): Promise<LoadReport> => {
    child.send(message);
    const [report] = (await once(child, "message")) as [LoadReport];
    return report;
  };
  return {
    report: () => told("report"),
    async stop() {
      const gone = once(child, "exit");
      const report = await told("stop");
      await gone;
      return report;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
