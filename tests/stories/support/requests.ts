import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Fairway } from "./fairway-under-test.ts";

/** What a tiny service answers about itself. */
export interface About {
  readonly says: string;
  readonly pid: number;
  readonly port: string;
  readonly release: string;
  readonly sha: string;
  readonly environment: string;
  readonly service: string;
  readonly replica: string;
}

const within = 10_000;

/** An answer as it came, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks a host through the router, as the public does, for whatever it answers. Throws when the answer is not whole. */
export function fetchFrom(
  fairway: Pick<Fairway, "router">,
  host: string,
  path = "/",
  agent: Agent | false = false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ ...fairway.router, agent, path, headers: { host }, timeout: within }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (body += chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.complete) resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
        else reject(new Error(`${host}${path}: the answer broke off: ${body}`));
      });
    });
    asking.on("timeout", () => asking.destroy(new Error(`${host}${path}: no answer within ${within} ms`)));
    asking.on("error", reject);
    asking.end();
  });
}

/** Asks a tiny service what it is. Anything but a whole 200 is thrown. */
export async function ask(
  fairway: Pick<Fairway, "router">,
  host: string,
  path = "/",
  agent: Agent | false = false,
): Promise<About> {
  const { status, body } = await fetchFrom(fairway, host, path, agent);
  if (status !== 200) throw new Error(`${host}${path}: status ${status} ${body}`);
  return JSON.parse(body) as About;
}

/** What came of a load. */
export interface Served {
  readonly requests: number;
  readonly failures: readonly string[];
  readonly releases: readonly string[];
}

/** Requests that go on until they are stopped. */
export interface Load {
  /** Those that have been answered until now. */
  readonly answered: number;
  stop(): Promise<Served>;
}

interface LoadOptions {
  readonly path?: string;
  /** How many ask at the same time. */
  readonly people?: number;
  /** Between an answer and the next question. */
  readonly pause?: number;
}

/** Asks again and again over kept connections. */
export function startLoad(
  fairway: Fairway,
  host: string,
  { path = "/", people = 4, pause = 4 }: LoadOptions = {},
): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: people });
  const router = fairway.router;
  const failures: string[] = [];
  const releases = new Set<string>();
  let requests = 0;
  let stopped = false;
  const person = async (): Promise<void> => {
    while (!stopped) {
      await ask({ router }, host, path, agent).then(
        ({ release }) => releases.add(release),
        (thrown: unknown) => failures.push(String(thrown)),
      );
      requests++;
      await wait(pause);
    }
  };
  const everybody = Promise.all(Array.from({ length: people }, person));
  return {
    get answered() {
      return requests;
    },
    async stop() {
      stopped = true;
      await everybody;
      agent.destroy();
      return { requests, failures, releases: [...releases].toSorted() };
    },
  };
}
