import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { FairwayError } from "@fairway/core";
import {
  type Annotation,
  cancelLadder,
  type CancelRung,
  type HostCommand,
  type HostCommandEnd,
  type JobFolders,
  type JobHost,
  type StepProgress,
} from "../job-host.ts";

/** What survives a crash of the job: records and commands. */
export interface HostMemory {
  readonly records: Map<string, string>;
  readonly ends: Map<string, Promise<HostCommandEnd>>;
  /** What each command printed, by its key. */
  readonly printed: Map<string, string[]>;
  /** Every command that was really started. */
  readonly started: HostCommand[];
}

export interface MemoryHostOptions {
  readonly memory?: HostMemory;
  readonly folder?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly ladder?: readonly CancelRung[];
  /** In place of processes: undefined lets the process be started. */
  readonly commands?: (command: HostCommand) => Promise<HostCommandEnd> | undefined;
  /** Throws here and the job's process is gone: nothing after it happens. */
  readonly crash?: (at: { readonly kind: "before-record" | "after-record"; readonly key: string }) => boolean;
  readonly repository?: JobHost["repository"];
  readonly action?: JobHost["action"];
  readonly identityToken?: JobHost["identityToken"];
  readonly startedAt?: number;
  /** Whom commands run as, and who owns the folders; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly containers?: JobHost["containers"];
}

/** A host that keeps everything in memory and starts commands as its own children. */
export class MemoryHost implements JobHost {
  readonly memory: HostMemory;
  readonly folders: JobFolders;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly containers: JobHost["containers"];
  readonly logs: Map<string, string[]> = new Map();
  readonly masks: Set<string> = new Set();
  readonly annotations: Map<string, Annotation> = new Map();
  readonly summaries: Map<string, string> = new Map();
  readonly steps: StepProgress[] = [];
  readonly #folder: string;
  readonly #ownsFolder: boolean;
  readonly #options: MemoryHostOptions;
  readonly #cancel = new AbortController();
  #inStep = false;

  constructor(options: MemoryHostOptions = {}) {
    this.#options = options;
    this.memory = options.memory ?? { records: new Map(), ends: new Map(), printed: new Map(), started: [] };
    this.#ownsFolder = options.folder === undefined;
    this.#folder = options.folder ?? mkdtempSync(join(tmpdir(), "fairway-job-"));
    // Other users must get through it.
    if (options.user !== undefined) chmodSync(this.#folder, 0o711);
    const folder = (name: string): string => {
      const path = join(this.#folder, name);
      mkdirSync(path, { recursive: true });
      if (options.user !== undefined) chownSync(path, options.user.uid, options.user.gid);
      return path;
    };
    this.folders = {
      workspace: folder("workspace"),
      temp: folder("temp"),
      toolCache: folder("tools"),
      home: folder("home"),
    };
    this.secrets = options.secrets ?? {};
    this.vars = options.vars ?? {};
    this.startedAt = options.startedAt ?? Date.now();
    this.containers = options.containers;
  }

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  get folder(): string {
    return this.#folder;
  }

  cancel(): void {
    this.#cancel.abort();
  }

  /** The log of a step, or of all of them in their order. */
  text(step?: string): string {
    const logs = step === undefined ? [...this.logs.values()] : [this.logs.get(step) ?? []];
    return logs.flat().join("\n");
  }

  remove(): void {
    if (this.#ownsFolder) rmSync(this.#folder, { recursive: true, force: true });
  }

  async step<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#inStep) throw new FairwayError("internal", `the step ${key} began inside another`);
    const recorded = this.memory.records.get(key);
    if (recorded !== undefined) return JSON.parse(recorded) as T;
    this.#inStep = true;
    try {
      const result = await work();
      this.#mayCrash("before-record", key);
      this.memory.records.set(key, JSON.stringify(result));
      this.#mayCrash("after-record", key);
      return JSON.parse(JSON.stringify(result)) as T;
    } finally {
      this.#inStep = false;
    }
  }

  async command(command: HostCommand): Promise<HostCommandEnd> {
    let end = this.memory.ends.get(command.key);
    if (end === undefined) {
      this.memory.started.push(command);
      end = this.#options.commands?.(command) ?? this.#start(command);
      this.memory.ends.set(command.key, end);
      return end;
    }
    const found = await end;
    // A filter that is new must see it all; a real host knows that the log has it already.
    const printed = this.memory.printed.get(command.key) ?? [];
    if (command.quiet !== true && printed.length > 0) await this.#logOutput(command, printed);
    return found;
  }

  log(step: string, lines: readonly string[]): void {
    const log = this.logs.get(step) ?? [];
    log.push(...lines.map((line) => this.#masked(line)));
    this.logs.set(step, log);
  }

  addMask(value: string): void {
    this.masks.add(value);
  }

  annotate(annotation: Annotation): void {
    this.annotations.set(annotation.id, { ...annotation, message: this.#masked(annotation.message) });
  }

  async summary(place: string, markdown: string): Promise<void> {
    this.summaries.set(place, this.#masked(markdown));
  }

  progress(step: StepProgress): void {
    this.steps.push(step);
  }

  async identityToken(audience: string): Promise<string> {
    if (this.#options.identityToken !== undefined) return this.#options.identityToken(audience);
    throw new FairwayError("not_allowed_now", "the job may not ask for an identity token", {
      hint: "Add `permissions: id-token: write` to the job.",
    });
  }

  async repository(wanted: Parameters<JobHost["repository"]>[0]): ReturnType<JobHost["repository"]> {
    if (this.#options.repository !== undefined) return this.#options.repository(wanted);
    throw new FairwayError("checkout_failed", `there is no repository ${wanted.name ?? "here"}`);
  }

  async action(wanted: Parameters<JobHost["action"]>[0]): ReturnType<JobHost["action"]> {
    if (this.#options.action !== undefined) return this.#options.action(wanted);
    throw new FairwayError("not_allowed_now", `the lock has no ${wanted.repository}@${wanted.ref}`);
  }

  #mayCrash(kind: "before-record" | "after-record", key: string): void {
    if (this.#options.crash?.({ kind, key }) === true) throw new Crash(`${kind} ${key}`);
  }

  #masked(line: string): string {
    let masked = line;
    const secrets = [...this.masks, ...Object.values(this.secrets)].filter((secret) => secret !== "");
    for (const secret of secrets) masked = masked.replaceAll(secret, "***");
    return masked;
  }

  async #start(command: HostCommand): Promise<HostCommandEnd> {
    const [program, ...args] = command.argv;
    const child = spawn(program, args, {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      ...this.#options.user,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => {
        reject(new FairwayError("command_failed", `could not start ${program}: ${cause.message}`, { cause }));
      });
    });
    const exited = new Promise<readonly [number | null, string | null]>((resolve) => {
      child.once("exit", (code, signal) => resolve([code, signal]));
    });
    const ending = new Ending(command, child.pid ?? 0, this.#options.ladder ?? cancelLadder, exited);
    let quiet = "";
    const output = new Output(async (lines) => {
      this.memory.printed.set(command.key, [...(this.memory.printed.get(command.key) ?? []), ...lines]);
      if (command.quiet === true) quiet += lines.map((line) => `${line}\n`).join("");
      else await this.#logOutput(command, lines);
    });
    child.stdout.on("data", (piece: Buffer) => output.add(piece));
    child.stderr.on("data", (piece: Buffer) => output.add(piece));
    const [code, signal] = await exited;
    // What it left running ends with it, and with that its pipes.
    killGroup(child.pid ?? 0, "SIGKILL");
    await Promise.all([ended(child.stdout), ended(child.stderr)]);
    await output.end();
    ending.close();
    const rest = command.quiet === true ? { output: quiet } : {};
    if (ending.why !== undefined) return { ended: ending.why, ...rest };
    return signal === null ? { ended: "exited", code: code ?? 1, ...rest } : { ended: "killed", signal, ...rest };
  }

  async #logOutput(command: HostCommand, lines: readonly string[]): Promise<void> {
    const filter = command.output;
    const marked = lines.some((line) => line.includes("::") || line.includes("##["));
    if (filter === undefined || (filter.wants === "marked" && !marked)) return this.log(command.step, lines);
    const answer = await filter.lines(lines);
    for (const mask of answer.masks) this.addMask(mask);
    for (const annotation of answer.annotations) this.annotate(annotation);
    this.log(command.step, answer.lines);
  }
}

/** What the job's process throws when it is killed; nobody catches it for a failure of a step. */
export class Crash extends Error {}

/** Cuts output into lines and hands them on one batch after the other. */
class Output {
  readonly #take: (lines: readonly string[]) => Promise<void>;
  readonly #decoder = new TextDecoder("utf-8");
  #rest = "";
  #working: Promise<void> = Promise.resolve();

  constructor(take: (lines: readonly string[]) => Promise<void>) {
    this.#take = take;
  }

  add(piece: Buffer): void {
    const lines = (this.#rest + this.#decoder.decode(piece, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    if (lines.length > 0) this.#working = this.#working.then(async () => this.#take(lines));
  }

  async end(): Promise<void> {
    const last = this.#rest;
    if (last !== "") this.#working = this.#working.then(async () => this.#take([last]));
    await this.#working;
  }
}

/** Ends a process group by the ladder when it is asked to, or when its time is over. */
class Ending {
  why: "cancelled" | "timed-out" | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#begin("cancelled");
  readonly #pid: number;
  readonly #ladder: readonly CancelRung[];

  constructor(command: HostCommand, pid: number, ladder: readonly CancelRung[], exited: Promise<unknown>) {
    this.#pid = pid;
    this.#ladder = ladder;
    this.#signal = command.signal;
    if (command.timeout !== undefined) this.#after(command.timeout, () => this.#begin("timed-out"));
    if (this.#signal?.aborted === true) this.#begin("cancelled");
    this.#signal?.addEventListener("abort", this.#onAbort);
    exited.then(
      () => this.close(),
      () => this.close(),
    );
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #begin(why: "cancelled" | "timed-out"): void {
    if (this.why !== undefined) return;
    this.why = why;
    this.#climb(0);
  }

  #climb(at: number): void {
    const rung = this.#ladder[at];
    if (rung === undefined) return;
    killGroup(this.#pid, rung.signal);
    this.#after(rung.wait, () => this.#climb(at + 1));
  }

  #after(wait: number, act: () => void): void {
    this.#timers.add(setTimeout(act, Math.min(wait, 2 ** 31 - 1)));
  }
}

async function ended(stream: Readable): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => stream.once("close", resolve));
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (thrown) {
    if ((thrown as { readonly code?: unknown }).code !== "ESRCH") throw thrown;
  }
}
