import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Bound } from "./address.ts";
import { argumentsOf, type RouterArguments } from "./arguments.ts";
import type { HolderMessage, RetireeAnswer, RetireeRequest, TrafficByRoute, WorkerMessage } from "./messages.ts";
import { childLink, type ProcessLink } from "./process-link.ts";

/** The listening sockets of one process; `tls` is there only if the router has such a listener. */
export interface SocketDescriptors {
  readonly public: number;
  readonly internal: number;
  readonly control: number;
  readonly tls?: number;
}

/** The sockets in the order in which a child finds them, from its descriptor 3. */
export function socketsOf(withTls: boolean, { public: onPublic, internal, control, tls }: SocketDescriptors): number[] {
  return [onPublic, internal, control, ...(withTls && tls !== undefined ? [tls] : [])];
}

/** What the holder hands to every worker. */
export interface Inheritance {
  readonly router: RouterArguments;
  readonly bound: Bound;
  readonly fds: SocketDescriptors;
  readonly logFd: number;
}

/**
 * For glibc's malloc: each part of a large answer is read into a buffer of 64 KiB, and what is given back to the system has to
 * be zeroed again by it for the next one, which took a fifth of the time. Up to so many bytes are kept instead.
 */
const malloc = { MALLOC_TRIM_THRESHOLD_: String(64 * 1024 * 1024), MALLOC_TOP_PAD_: String(4 * 1024 * 1024) };

/** Starts a worker on the holder's sockets. */
export function startWorker(inheritance: Inheritance): ProcessLink {
  const { bound, fds, logFd } = inheritance;
  // Found anew at each start: after an installation this is the new code.
  const program = fileURLToPath(new URL("../worker.js", import.meta.url));
  const child = spawn(process.execPath, [program, ...argumentsOf(inheritance.router, bound)], {
    stdio: ["ignore", logFd, logFd, ...socketsOf(bound.tls !== null, fds), "ipc"],
    env: { ...malloc, ...process.env },
  });
  return childLink(child);
}

/** A frozen worker must not keep a person from seeing how the others are. */
const tellsWithin = 2000;

/** One worker, as the holder sees it. */
export class WorkerProcess {
  readonly pid: number;
  readonly startedAt: number = performance.now();
  /** What it last said that it had counted. */
  traffic: TrafficByRoute | null = null;
  exited: string | null = null;
  private readonly link: ProcessLink;
  private readonly waiting = new Map<WorkerMessage["kind"] | "exit", ((message: WorkerMessage | null) => void)[]>();
  private readonly questions = new Map<number, (answer: RetireeAnswer) => void>();
  private lastQuestion = 0;

  constructor(link: ProcessLink, heard: (worker: WorkerProcess, message: WorkerMessage) => void) {
    this.link = link;
    this.pid = link.pid;
    link.onMessage((message) => {
      const said = message as WorkerMessage;
      if (said.kind === "traffic") this.traffic = said.traffic;
      else if (said.kind === "retiree-answer") this.questions.get(said.id)?.(said.answer);
      for (const tell of this.waiting.get(said.kind)?.splice(0) ?? []) tell(said);
      heard(this, said);
    });
    link.onGone((how) => this.ends(how));
  }

  tell(message: HolderMessage): void {
    // A worker that is going away does not hear; its exit tells the rest.
    this.link.send(message);
  }

  /** Its next message of this kind; null when it exits first. */
  next<Kind extends WorkerMessage["kind"]>(kind: Kind): Promise<Extract<WorkerMessage, { kind: Kind }> | null> {
    if (this.exited !== null) return Promise.resolve(null);
    return new Promise((tell) => {
      const listeners = this.waiting.get(kind) ?? [];
      listeners.push(tell as (message: WorkerMessage | null) => void);
      this.waiting.set(kind, listeners);
    });
  }

  exit(): Promise<void> {
    if (this.exited !== null) return Promise.resolve();
    return new Promise((tell) => this.waiting.set("exit", [...(this.waiting.get("exit") ?? []), () => tell()]));
  }

  /** Its answer; null when it exits first. What it has counted is known without it, as far as it has last said. */
  ask(request: RetireeRequest): Promise<RetireeAnswer> {
    if (this.exited !== null) return Promise.resolve(null);
    const id = ++this.lastQuestion;
    return new Promise((tell) => {
      const answered = (answer: RetireeAnswer): void => {
        clearTimeout(late);
        this.questions.delete(id);
        tell(answer);
      };
      const patience = request.do === "status" || request.do === "traffic" ? tellsWithin : undefined;
      const late =
        patience === undefined
          ? undefined
          : setTimeout(() => answered(request.do === "traffic" ? this.traffic : null), patience);
      this.questions.set(id, answered);
      this.tell({ kind: "asked", id, request });
    });
  }

  kill(): void {
    this.link.kill();
  }

  private ends(how: string): void {
    if (this.exited !== null) return;
    this.exited = how;
    for (const answer of [...this.questions.values()]) answer(null);
    for (const listeners of [...this.waiting.values()]) for (const tell of listeners.splice(0)) tell(null);
  }
}
