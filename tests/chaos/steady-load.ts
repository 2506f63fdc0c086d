import { Agent, request } from "node:http";

/** What became of the requests so far. */
export interface Load {
  /** Asks this host too from now on. */
  add(host: string): void;
  readonly requests: number;
  /** What went wrong, each as a sentence with its time. */
  readonly failures: readonly string[];
  /** The releases that answered. */
  readonly releases: ReadonlySet<string>;
  stop(): Promise<void>;
}

const every = 20;
const within = 10_000;

/** A request every 20 ms through the router, to one host after the other. Anything but a whole 200 is a failure. */
export function steadyLoad(port: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const hosts: string[] = [];
  const failures: string[] = [];
  const releases = new Set<string>();
  const open = new Set<Promise<void>>();
  let requests = 0;
  const timer = setInterval(() => {
    const host = hosts[requests % hosts.length];
    if (host === undefined) return;
    requests++;
    const asked = ask(agent, port, host)
      .then((release) => void releases.add(release))
      .catch((thrown: unknown) => void failures.push(`${new Date().toISOString()} ${host}: ${String(thrown)}`))
      .finally(() => open.delete(asked));
    open.add(asked);
  }, every);
  return {
    add: (host) => void (hosts.includes(host) || hosts.push(host)),
    get requests() {
      return requests;
    },
    failures,
    releases,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
    },
  };
}

/** The release that answered. */
function ask(agent: Agent, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { agent, host: "127.0.0.1", port, path: "/", headers: { host }, timeout: within },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => (body += chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode !== 200 || !answer.complete)
            reject(new Error(`status ${answer.statusCode}: ${body.slice(0, 200)}`));
          else resolve((JSON.parse(body) as { release: string }).release);
        });
      },
    );
    asking.on("timeout", () => asking.destroy(new Error(`no answer within ${within} ms`)));
    asking.on("error", reject);
    asking.end();
  });
}
