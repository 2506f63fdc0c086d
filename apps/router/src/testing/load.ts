import { Agent, request } from "node:http";
import { atEnd } from "./cleanup.ts";

/** What became of the requests of a load. */
export interface LoadCounts {
  good: number;
  /** New connections that were not taken. */
  refused: number;
  /** Anything else but a 200, by what it was. */
  readonly failures: string[];
}

/** Clients that ask one request after another, on kept or on new connections, until they are stopped. */
export class Load {
  readonly counts: LoadCounts = { good: 0, refused: 0, failures: [] };
  private stopped = false;
  private readonly loops: Promise<void>[] = [];
  private readonly agents: Agent[] = [];
  private readonly waiting: { readonly good: number; readonly tell: () => void }[] = [];

  constructor(port: number, clients: { readonly kept: number; readonly fresh: number; readonly target?: string }) {
    const { kept, fresh, target = "/" } = clients;
    for (let i = 0; i < kept + fresh; i++) {
      const agent = new Agent({ keepAlive: i < kept, maxSockets: 1 });
      this.agents.push(agent);
      this.loops.push(this.loop(port, agent, target));
    }
    atEnd(() => this.stop());
  }

  /** Resolves when this many more requests have been answered well. */
  more(count: number): Promise<void> {
    return new Promise((tell) => this.waiting.push({ good: this.counts.good + count, tell }));
  }

  async stop(): Promise<LoadCounts> {
    this.stopped = true;
    await Promise.all(this.loops);
    for (const agent of this.agents) agent.destroy();
    return this.counts;
  }

  private async loop(port: number, agent: Agent, path: string): Promise<void> {
    while (!this.stopped) {
      const outcome = await askOnce(port, agent, path);
      if (outcome === "200") this.counts.good++;
      else if (outcome === "ECONNREFUSED") this.counts.refused++;
      else this.counts.failures.push(outcome);
      for (const one of this.waiting.filter(({ good }) => good <= this.counts.good)) {
        this.waiting.splice(this.waiting.indexOf(one), 1);
        one.tell();
      }
    }
  }
}

function askOnce(port: number, agent: Agent, path: string): Promise<string> {
  return new Promise((tell) => {
    const asked = request({ host: "127.0.0.1", port, path, agent, method: "POST" }, (answer) => {
      answer.resume();
      answer.on("error", (error: NodeJS.ErrnoException) => tell(error.code ?? error.message));
      answer.on("end", () => tell(String(answer.statusCode)));
    });
    asked.on("error", (error: NodeJS.ErrnoException) => tell(error.code ?? error.message));
    asked.end("x".repeat(100));
  });
}
