import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { FairwayError, type Millis } from "@fairway/core";

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

/**
 * Asks the master, which passes on what begins with `@!pid`. While it reloads, it is away for some milliseconds and drops
 * who waits: a question that nobody took is asked again, and so is one whose answer lacks what every whole answer
 * to it has. Throws `router_unavailable` when nobody answers, or no such worker is there; at once when `isThere` says that
 * the master has ended.
 */
export async function askMaster(
  socketPath: string,
  command: string,
  whole = "",
  isThere: () => boolean = () => true,
): Promise<string> {
  const deadline = performance.now() + awayWithin;
  for (;;) {
    const said = await askOnce(socketPath, command);
    const gone = said.text.startsWith("Can't find the target");
    if (said.kind === "answer" && said.text.includes(whole) && !gone) return said.text;
    const mayAskAgain = said.kind === "not taken" || whole !== "";
    if (gone || !mayAskAgain || performance.now() > deadline || !isThere()) {
      throw new FairwayError(
        "router_unavailable",
        `could not ask HAProxy at ${socketPath}: ${said.text || "no answer"}`,
        {
          hint: "start it with `fairway up`, which adopts or starts it",
          retryable: true,
        },
      );
    }
    await wait(askAgainIn);
  }
}

const awayWithin: Millis = 1000;
const askAgainIn: Millis = 10;

interface Said {
  /** `not taken`: there was no connection, so nobody can have followed it. */
  readonly kind: "answer" | "not taken" | "broken off";
  readonly text: string;
}

function askOnce(socketPath: string, command: string): Promise<Said> {
  return new Promise((tell) => {
    let text = "";
    let connected = false;
    const socket = connect(socketPath, () => (connected = true));
    socket.setTimeout(answerWithin, () => socket.destroy(new Error(`no answer in ${answerWithin} ms`)));
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.on("error", (error) => tell({ kind: connected ? "broken off" : "not taken", text: error.message }));
    socket.on("end", () => tell({ kind: "answer", text }));
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
export async function processesOf(socketPath: string, isThere?: () => boolean): Promise<HaproxyProcesses> {
  return readProcesses(await askMaster(socketPath, "show proc", "# programs", isThere));
}

/** Reads the answer to `show proc`, a table with the old workers below a heading. */
function readProcesses(text: string): HaproxyProcesses {
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
