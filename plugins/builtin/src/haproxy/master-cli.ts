import { connect } from "node:net";
import { FairwayError, messageOf, type Millis } from "@fairway/core";

const answerWithin: Millis = 5000;

/** One worker of a HAProxy: `current` takes connections, `old` only ends those it has. */
export interface HaproxyWorker {
  readonly pid: number;
  readonly age: "current" | "old";
}

/** The processes of a HAProxy as its master tells. */
export interface HaproxyProcesses {
  readonly master: number;
  readonly workers: readonly HaproxyWorker[];
  /** Reloads that did not come about since the last that did. */
  readonly failedReloads: number;
}

/** Asks the master, which passes on what begins with `@!pid`. Throws `router_unavailable` when nobody answers. */
export function askMaster(socketPath: string, command: string): Promise<string> {
  return new Promise((tell, failed) => {
    const unavailable = (cause: unknown): void => {
      const message = `could not ask HAProxy at ${socketPath}: ${messageOf(cause)}`;
      const hint = "start it with `fairway up`, which adopts or starts it";
      failed(new FairwayError("router_unavailable", message, { hint, retryable: true, cause }));
    };
    let text = "";
    const socket = connect(socketPath);
    socket.setTimeout(answerWithin, () => socket.destroy(new Error(`no answer in ${answerWithin} ms`)));
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.on("error", unavailable).on("end", () => tell(text));
    socket.end(`${command}\n`);
  });
}

/** Has a worker follow commands in order. Throws when it says no to one. */
export async function tellWorker(socketPath: string, pid: number, commands: readonly string[]): Promise<void> {
  for (let from = 0; from < commands.length; from += commandsAtOnce) {
    const some = commands.slice(from, from + commandsAtOnce);
    const said = await askMaster(socketPath, some.map((command) => `@!${pid} ${command}`).join(";"));
    const refusal = said.split("\n").find((line) => line.trim() !== "" && !successes.has(line.trim()));
    if (refusal !== undefined) {
      throw new FairwayError(
        "router_unavailable",
        `HAProxy (process ${pid}) refused "${some.join("; ")}": ${refusal}`,
        {
          retryable: true,
        },
      );
    }
  }
}

/** A line of its command language holds 16 KB. */
const commandsAtOnce = 20;
const successes: ReadonlySet<string> = new Set(["New server registered.", "Server deleted."]);

/** Who runs now. */
export async function processesOf(socketPath: string): Promise<HaproxyProcesses> {
  return readProcesses(await askMaster(socketPath, "show proc"));
}

/** Reads the answer to `show proc`, a table with the old workers below a heading. */
export function readProcesses(text: string): HaproxyProcesses {
  let age: HaproxyWorker["age"] = "current";
  let [master, failedReloads] = [0, 0];
  const workers: HaproxyWorker[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("# old workers")) age = "old";
    const [, pid, kind] = /^(\d+)\s+(master|worker)\s/.exec(line) ?? [];
    if (kind === "worker") workers.push({ pid: Number(pid), age });
    if (kind !== "master") continue;
    master = Number(pid);
    failedReloads = Number(/\[failed: (\d+)\]/.exec(line)?.[1] ?? 0);
  }
  return { master, workers, failedReloads };
}
