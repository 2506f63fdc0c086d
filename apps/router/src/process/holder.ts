import { closeSync } from "node:fs";
import { join } from "node:path";
import { sumOfTraffic } from "../proxy/traffic-counters.ts";
import { addressText, type Bound } from "./address.ts";
import { controlSocketOf, type RouterArguments } from "./arguments.ts";
import { bindSockets } from "./bind-sockets.ts";
import { withSettings, type ChangedSettings } from "./changed-settings.ts";
import { EventLog } from "./event-log.ts";
import { inheritedSocket, type HeldSocket } from "./listening-socket.ts";
import { inherited, type TrafficByRoute, type WorkerMessage } from "./messages.ts";
import { MetricsFile } from "./metrics-file.ts";
import { parentLink } from "./process-link.ts";
import { alreadyRunning, answers, lockDirectory, openLog } from "./router-directory.ts";
import type { StartProblem } from "./start-problem.ts";
import { socketsOf, startWorker, WorkerProcess, type Inheritance } from "./worker-process.ts";

const keepMetricsEvery = 5000;
const retryFollowersAfter = 1000;

/** How long a new worker may take to serve before an upgrade is given up. */
const serveWithin = 10_000;

/**
 * Keeps the listening sockets open while workers come and go, so that no connection is ever refused: between two
 * workers they wait in the kernel's queue. It reads no byte of traffic, and is meant to live as long as the machine.
 */
export class Holder {
  /** What the next worker is started with; an upgrade may change its settings. */
  private inheritance: Inheritance;
  private readonly sockets: readonly HeldSocket[];
  private readonly log: EventLog;
  private readonly metrics: MetricsFile;
  private readonly keeping: NodeJS.Timeout;
  private since = new Date().toISOString();
  private readonly retirees = new Set<WorkerProcess>();
  /** Those that carry traffic beside the leader. */
  private adding: Promise<void> = Promise.resolve();
  private followers = new Set<WorkerProcess>();
  /** Started, and not known to serve yet. */
  private readonly starting = new Set<WorkerProcess>();
  private bequests: TrafficByRoute[] = [];
  private leader: WorkerProcess | null = null;
  private upgrading = false;
  private stopping = false;
  private quickDeaths = 0;
  /** Called once everything of the router but the holder's process is gone. */
  whenStopped: () => void = () => undefined;

  private constructor(inheritance: Inheritance, sockets: readonly HeldSocket[]) {
    this.inheritance = inheritance;
    this.metrics = new MetricsFile(join(inheritance.router.directory, "metrics.json"));
    this.keeping = setInterval(() => this.keepMetrics(), keepMetricsEvery).unref();
    this.sockets = sockets;
    this.log = new EventLog(inheritance.logFd);
  }

  /** Binds the sockets and starts the first worker. Resolves when it serves. */
  static async start(router: RouterArguments): Promise<Holder | StartProblem> {
    const { directory } = router;
    const logFd = openLog(router);
    if (typeof logFd !== "number") return logFd;
    if (lockDirectory(directory) === "taken" || (await answers(controlSocketOf(directory))))
      return alreadyRunning(directory);
    const held = bindSockets(router);
    if ("code" in held) return held;
    const { sockets } = held;
    const holder = new Holder({ router, bound: held.bound, fds: held.fds, logFd }, sockets);
    holder.remember();
    const problem = await holder.replaceLeader();
    if (problem === null) {
      await holder.addFollowers();
      return holder;
    }
    clearInterval(holder.keeping);
    for (const socket of sockets) socket.close();
    if (logFd !== 2) closeSync(logFd);
    return problem;
  }

  /**
   * Holds the sockets of the worker that has started this process, because its own holder was killed. They were open all
   * the time, so no connection is refused, and the worker leads on.
   */
  static async takeOver(router: RouterArguments): Promise<Holder | StartProblem> {
    const { directory, publicAddress, internalAddress, tlsAddress } = router;
    const logFd = openLog(router);
    if (typeof logFd !== "number") return logFd;
    if (lockDirectory(directory) === "taken") return alreadyRunning(directory);
    const bound = { public: publicAddress, internal: internalAddress, tls: tlsAddress };
    const sockets = socketsOf(tlsAddress !== null, inherited).map(inheritedSocket);
    const holder = new Holder({ router, bound, fds: inherited, logFd }, sockets);
    const worker = new WorkerProcess(parentLink(), (from, message) => holder.heard(from, message));
    const orphan = await worker.next("orphan");
    if (orphan === null) return { code: "internal", message: "the worker that was to be taken over has died" };
    holder.since = orphan.since;
    holder.lead(worker);
    worker.tell({ kind: "adopted" });
    if (!orphan.leading) await holder.tellToLead(worker);
    holder.log.write("took over", { worker: worker.pid });
    await holder.addFollowers();
    return holder;
  }

  /** Those that carry traffic, if only what they have left of it. */
  private get workers(): readonly WorkerProcess[] {
    // While it steps down the leader is one of those that retire, too.
    return [...new Set([...(this.leader === null ? [] : [this.leader]), ...this.retirees, ...this.followers])];
  }

  private others(worker: WorkerProcess): readonly WorkerProcess[] {
    return this.workers.filter((one) => one !== worker);
  }

  get addresses(): Bound {
    return this.inheritance.bound;
  }

  /** Ends the router: no new connections, what is open is waited for within the limit. Resolves when all is gone. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.log.write("stopping");
    const { workers } = this;
    for (const socket of this.sockets) socket.close();
    for (const worker of workers) worker.tell({ kind: "stop" });
    // Left alone it would take itself for an orphan and start another holder.
    for (const worker of this.starting) worker.kill();
    const patience = setTimeout(() => {
      for (const worker of workers) worker.kill();
    }, this.inheritance.router.limits.stopWithin + 2000);
    await Promise.all(workers.map((worker) => worker.exit()));
    clearTimeout(patience);
    clearInterval(this.keeping);
    this.keepMetrics();
    this.log.write("stopped");
    this.whenStopped();
  }

  /** Starts a worker with the code on disk; once it serves, it leads and the one before retires. */
  private async replaceLeader(): Promise<StartProblem | null> {
    const before = this.leader;
    const worker = await this.startServing();
    if (!(worker instanceof WorkerProcess)) return worker;
    if (this.stopping) {
      worker.kill();
      return { code: "internal", message: "the router was stopped meanwhile" };
    }
    if (before !== null && before.exited === null) {
      this.retirees.add(before);
      const steppedDown = before.next("stepped-down");
      before.tell({ kind: "step-down" });
      await steppedDown;
    }
    this.lead(worker);
    await this.tellToLead(worker);
    this.log.write("leading", { worker: worker.pid, public: addressText(this.inheritance.bound.public) });
    return null;
  }

  private async startServing(): Promise<WorkerProcess | StartProblem> {
    const worker = new WorkerProcess(startWorker(this.inheritance), (from, message) => this.heard(from, message));
    this.starting.add(worker);
    const refused = worker.next("cannot-serve");
    const timer = setTimeout(() => worker.kill(), serveWithin);
    const serving = await Promise.race([worker.next("serving"), refused]);
    clearTimeout(timer);
    this.starting.delete(worker);
    if (serving?.kind === "serving") return worker;
    worker.kill();
    const why = serving?.message ?? `the worker ended before it served (${worker.exited ?? "no answer"})`;
    return { code: serving?.code === "EADDRINUSE" ? "port_in_use" : "internal", message: why };
  }

  /** Starts workers beside the leader until there are as many as wanted. One that does not start is tried again later. */
  private addFollowers(): Promise<void> {
    // One after another, or two would each start what is missing.
    this.adding = this.adding.then(() => this.startFollowers());
    return this.adding;
  }

  private async startFollowers(): Promise<void> {
    while (!this.stopping && this.followers.size < this.inheritance.router.workers - 1) {
      const { inheritance } = this;
      const worker = await this.startServing();
      if (!(worker instanceof WorkerProcess)) {
        this.log.write("worker did not start", { ...worker });
        setTimeout(() => void this.addFollowers(), retryFollowersAfter).unref();
        return;
      }
      if (this.stopping) return worker.kill();
      // It may have connections already, so it ends like any that an upgrade replaces.
      const outdated = inheritance !== this.inheritance;
      (outdated ? this.retirees : this.followers).add(worker);
      worker.tell({ kind: "follow" });
      if (outdated) worker.tell({ kind: "step-down" });
      void worker.exit().then(() => this.followerEnded(worker));
    }
  }

  private followerEnded(worker: WorkerProcess): void {
    this.bequeath(worker);
    if (this.retirees.delete(worker) || !this.followers.delete(worker) || this.stopping) return;
    this.log.write("worker died", { worker: worker.pid, how: worker.exited });
    const soon = performance.now() - worker.startedAt < 2000 ? retryFollowersAfter : 0;
    setTimeout(() => void this.addFollowers(), soon).unref();
  }

  /** New ones serve before the ones of before step down. */
  private async replaceFollowers(): Promise<void> {
    const before = this.followers;
    this.followers = new Set();
    for (const worker of before) this.retirees.add(worker);
    await this.addFollowers();
    for (const worker of before) worker.tell({ kind: "step-down" });
  }

  private lead(worker: WorkerProcess): void {
    this.leader = worker;
    void worker.exit().then(() => this.ended(worker));
  }

  private async tellToLead(worker: WorkerProcess): Promise<void> {
    const leading = worker.next("leading");
    worker.tell({ kind: "lead", bequests: this.bequests, since: this.since });
    // Until it reports; were it to die before, they would be lost.
    worker.traffic = sumOfTraffic([worker.traffic ?? {}, ...this.bequests]);
    this.bequests = [];
    await leading;
  }

  private heard(worker: WorkerProcess, message: WorkerMessage): void {
    switch (message.kind) {
      case "upgrade":
        void this.upgrade(worker, message.settings);
        break;
      case "shutdown":
        void this.stop();
        break;
      case "taken":
        for (const other of this.others(worker)) other.tell(message);
        break;
      case "ask-retirees":
        void Promise.all(this.others(worker).map((retiree) => retiree.ask(message.request))).then((answers) =>
          worker.tell({
            kind: "retiree-answers",
            id: message.id,
            answers: answers.filter((answer) => answer !== null),
          }),
        );
        break;
      case "serving":
      case "stepped-down":
      case "leading":
      case "orphan":
      case "cannot-serve":
      case "traffic":
      case "retiree-answer":
    }
  }

  private async upgrade(asker: WorkerProcess, settings: ChangedSettings = {}): Promise<void> {
    if (this.upgrading || this.stopping)
      return asker.tell({ kind: "not-upgraded", message: "the router is busy with that" });
    this.upgrading = true;
    const before = this.inheritance;
    this.inheritance = { ...before, router: withSettings(before.router, settings) };
    const problem = await this.replaceLeader();
    // With settings that let no worker start, the next one that is needed would not start either.
    if (problem !== null) this.inheritance = before;
    if (problem === null) await this.replaceFollowers();
    this.upgrading = false;
    if (problem === null) asker.tell({ kind: "upgraded", pid: this.leader?.pid ?? 0 });
    else asker.tell({ kind: "not-upgraded", message: problem.message });
  }

  /** Takes up the counts of the router that ran here before. */
  private remember(): void {
    const before = this.metrics.read();
    if (before === null) return;
    this.since = before.since;
    this.bequests = [before.routes];
  }

  private keepMetrics(): void {
    const parts = this.workers.map(({ traffic }) => traffic).filter((traffic) => traffic !== null);
    try {
      this.metrics.write({ since: this.since, routes: sumOfTraffic([...this.bequests, ...parts]) });
    } catch (error) {
      this.log.write("metrics not kept", { error: String(error) });
    }
  }

  /** Hands on what a worker that has ended has counted. */
  private bequeath({ traffic }: WorkerProcess): void {
    if (traffic === null) return;
    if (this.leader === null) return void this.bequests.push(traffic);
    this.leader.tell({ kind: "bequest", traffic });
    this.leader.traffic = sumOfTraffic([this.leader.traffic ?? {}, traffic]);
  }

  private ended(worker: WorkerProcess): void {
    const led = this.leader === worker;
    if (led) this.leader = null;
    this.bequeath(worker);
    if (this.retirees.delete(worker) || !led || this.stopping) return;
    this.log.write("worker died", { worker: worker.pid, how: worker.exited });
    this.quickDeaths = performance.now() - worker.startedAt < 2000 ? this.quickDeaths + 1 : 0;
    // At once the first time, as connections wait; then slower, as whatever kills workers will do it again.
    const delay = this.quickDeaths < 2 ? 0 : Math.min(2000, 50 * 2 ** this.quickDeaths);
    setTimeout(() => void this.respawn(), delay);
  }

  private async respawn(): Promise<void> {
    while (!this.stopping && this.leader === null) {
      const problem = await this.replaceLeader();
      if (problem === null) return;
      this.log.write("worker did not start", { ...problem });
      await new Promise((wait) => setTimeout(wait, 500));
    }
  }
}
