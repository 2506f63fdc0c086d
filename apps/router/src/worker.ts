import { AccessLog } from "./access-log/access-log.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Leadership } from "./control/leadership.ts";
import { readTable } from "./control/table-file.ts";
import { routerArguments, type RouterArguments } from "./process/arguments.ts";
import { addressText } from "./process/address.ts";
import { EventLog } from "./process/event-log.ts";
import {
  inherited,
  type HolderMessage,
  type RetireeAnswer,
  type RetireeRequest,
  type TrafficByRoute,
  type WorkerMessage,
} from "./process/messages.ts";
import { planeStatus, type WorkerStatus } from "./control/router-status.ts";
import type { ChangedSettings } from "./process/changed-settings.ts";
import { newHolder } from "./process/orphan.ts";
import { clientRoomUnder, openFiles } from "./process/open-files.ts";
import { parentLink, type ProcessLink } from "./process/process-link.ts";
import { RetireeQuestions } from "./process/retiree-questions.ts";
import { CertificateStore } from "./tls/certificate-store.ts";
import { DataPlane } from "./proxy/data-plane.ts";

const reportEvery = 1000;
/** How far the workers of a router may be apart in what they know of a client's rate. */
const shareTakenEvery = 100;
/** How often a shortage that lasts is said. */
const tellShortageEvery = 60_000;
/** A worker that does not lead leaves it to the one that does to find a new holder, unless there is none. */
const followerPatience = 1000;
const longestPause = 5000;
/** Then another worker of this router has the new holder, and leads. */
const takenToLeave = 30;

/** The process that carries traffic, on sockets that its holder has bound. */
class Worker {
  private readonly plane: DataPlane;
  private readonly log = new EventLog(2);
  private readonly router: RouterArguments;
  private readonly tableFile: string;
  private readonly certificates: CertificateStore;
  private readonly startedAt = new Date().toISOString();
  private since = this.startedAt;
  private leadership: Leadership | null = null;
  private readonly upgradeListeners: ((result: number | string) => void)[] = [];
  private readonly questions = new RetireeQuestions();
  private holder: ProcessLink = parentLink();
  private readonly holderListeners: (() => void)[] = [];
  private leaving = false;
  private following = false;
  private shutdownWanted = false;
  private shortageToldAt = -Infinity;
  /** What the upgrade that is asked for is to change. */
  private settingsWanted: ChangedSettings = {};

  constructor(router: RouterArguments) {
    this.router = router;
    this.tableFile = join(router.directory, "table.json");
    this.plane = new DataPlane(router.limits, clientRoomUnder(openFiles()));
    this.plane.shortage = () => this.tellShortage();
    const { accessLog } = router;
    if (accessLog !== null) {
      const failed = (error: unknown): void => this.log.write("access log not written", { error: String(error) });
      this.plane.accessLog = new AccessLog(accessLog, failed);
    }
    this.certificates = new CertificateStore(router.directory);
  }

  async serve(): Promise<void> {
    this.attend(this.holder);
    process.on("SIGTERM", () => this.holder.connected || void this.leave(this.router.limits.stopWithin, true));
    process.on("SIGINT", () => undefined); // Ctrl-C in a terminal reaches all processes; the holder decides
    this.loadTable();
    const problems = this.certificates.load();
    if (problems.length > 0) this.log.write("certificates not loaded", { problems, served: "those in force before" });
    try {
      await this.plane.listen(inherited.public, "public");
      await this.plane.listen(inherited.internal, "internal");
      const { tlsAddress } = this.router;
      if (tlsAddress !== null) await this.plane.listenTls(inherited.tls, tlsAddress.port, this.certificates);
    } catch (error) {
      const { code = "EUNKNOWN", message } = error as NodeJS.ErrnoException;
      return await this.tell({ kind: "cannot-serve", code, message });
    }
    setInterval(() => void this.report(), reportEvery).unref();
    setInterval(() => void this.shareTaken(), shareTakenEvery).unref();
    await this.tell({ kind: "serving" });
  }

  private attend(holder: ProcessLink): void {
    this.holder = holder;
    holder.onMessage((message) => this.heard(message as HolderMessage));
    holder.onGone((how) => void this.orphaned(how));
    for (const tell of this.holderListeners.splice(0)) tell();
    // What the one before was told and did not live to do.
    if (this.upgradeListeners.length > 0) void this.tell({ kind: "upgrade", settings: this.settingsWanted });
    if (this.shutdownWanted) void this.tell({ kind: "shutdown" });
  }

  /** Traffic goes on meanwhile: the sockets are as much this process's as they were the holder's. */
  private async orphaned(how: string): Promise<void> {
    this.questions.giveUp();
    if (this.leaving) return;
    // The new holder knows only the leader, and starts others beside it. And a router whose directory was removed is one
    // that nobody can reach any more.
    if (this.following || !existsSync(this.router.directory))
      return await this.leave(this.router.limits.retireWithin, false);
    this.log.write("holder lost", { how, traffic: "goes on" });
    if (this.leadership === null) await pause(followerPatience);
    for (let attempt = 1, taken = 0; !this.leaving; attempt++) {
      const orphan = { kind: "orphan", since: this.since, leading: this.leadership !== null } as const;
      const found = await newHolder(this.router, orphan);
      if (found.outcome === "adopted") {
        this.log.write("holder found", { holder: found.link.pid });
        return this.attend(found.link);
      }
      if (found.outcome === "failed") this.log.write("no new holder", { why: found.why });
      else if (++taken === takenToLeave || this.leadership === null) {
        return await this.leave(this.router.limits.retireWithin, false);
      }
      await pause(Math.min(longestPause, 50 * 2 ** Math.min(attempt, 10)));
    }
  }

  private heard(message: HolderMessage): void {
    switch (message.kind) {
      case "adopted":
        return;
      case "lead":
        for (const traffic of message.bequests) this.inherit(traffic);
        return this.lead(message.since);
      case "follow":
        this.following = true;
        // The leader may have written since this process has read them.
        this.loadTable();
        return this.certificates.follow();
      case "step-down":
        return void this.stepDown();
      case "stop":
        return void this.leave(this.router.limits.stopWithin, true);
      case "upgraded":
        for (const tell of this.upgradeListeners.splice(0)) tell(message.pid);
        return;
      case "not-upgraded":
        for (const tell of this.upgradeListeners.splice(0)) tell(message.message);
        return;
      case "bequest":
        return this.inherit(message.traffic);
      case "taken":
        return this.plane.rates.takenElsewhere(message.taken, performance.now());
      case "asked":
        void this.answer(message.request).then((answer) =>
          this.tell({ kind: "retiree-answer", id: message.id, answer }),
        );
        return;
      case "retiree-answers":
        return this.questions.answered(message.id, message.answers);
    }
  }

  private lead(since: string): void {
    this.since = since;
    this.following = false;
    this.plane.accessLog?.rotate(true);
    // The one before may have written between our start and its step down.
    this.loadTable();
    const leadership = new Leadership({
      plane: this.plane,
      tableFile: this.tableFile,
      certificates: this.certificates,
      since,
      workerStatus: () => this.status(),
      routerStatus: () => ({
        pid: { holder: this.holder.connected ? this.holder.pid : null, worker: process.pid },
        since,
        workerSince: this.startedAt,
        directory: this.router.directory,
        public: addressText(this.router.publicAddress),
        internal: addressText(this.router.internalAddress),
        publicTls: this.router.tlsAddress === null ? null : addressText(this.router.tlsAddress),
        certificates: this.certificates.status,
        node: process.version,
        program: process.argv[1],
        workers: this.router.workers,
        accessLog: accessLogStatus(this.router),
      }),
      askRetirees: (request) => this.askRetirees(request),
      upgrade: (settings) => this.upgrade(settings),
      shutdown: () => {
        this.shutdownWanted = true;
        if (this.holder.connected) void this.tell({ kind: "shutdown" });
        else void this.leave(this.router.limits.stopWithin, true);
      },
      failed: (error) => this.log.write("control request failed", { error: String(error) }),
    });
    this.leadership = leadership;
    leadership.server.listen({ fd: inherited.control }, () => void this.tell({ kind: "leading" }));
  }

  private async stepDown(): Promise<void> {
    this.leadership?.server.close();
    const gone = this.leave(this.router.limits.retireWithin, false);
    await this.tell({ kind: "stepped-down" });
    await gone;
  }

  /** Ends when all connections have, those on the control socket too: the answer to an upgrade is still to be given. */
  private async leave(within: number, idleAtOnce: boolean): Promise<void> {
    this.leaving = true;
    this.plane.accessLog?.rotate(false);
    const server = this.leadership?.server;
    const controlEnds = new Promise<void>((closed) => (server === undefined ? closed() : server.close(() => closed())));
    setTimeout(() => process.exit(0), within + 1000).unref();
    await Promise.all([this.plane.retire(within, idleAtOnce), controlEnds]);
    await this.report();
    await this.plane.accessLog?.close();
    this.log.write("worker leaves");
    process.exit(0);
  }

  private async answer(request: RetireeRequest): Promise<RetireeAnswer> {
    switch (request.do) {
      case "apply":
        this.plane.apply(request.table);
        return {};
      case "drain":
        return this.plane.drain(request.endpoints, request.within);
      case "traffic":
        return this.plane.traffic();
      case "status":
        // On the same channel, so the leader has it before the answer.
        await this.shareTaken();
        return this.status();
      case "certificates":
        this.certificates.follow();
        return {};
    }
  }

  private askRetirees(request: RetireeRequest): Promise<readonly RetireeAnswer[]> {
    if (!this.holder.connected) return Promise.resolve([]);
    if (request.do === "status") void this.shareTaken();
    return this.questions.ask(request, (message) => void this.tell(message));
  }

  private tellShortage(): void {
    const now = performance.now();
    if (now - this.shortageToldAt < tellShortageEvery) return;
    this.shortageToldAt = now;
    const { connections, connectionLimit } = this.plane;
    const hint = "raise the limit on open files: LimitNOFILE= in a unit, or ulimit -Hn; then: fairway router upgrade";
    this.log.write("too few open files", { ...openFiles(), connections, connectionLimit, hint });
  }

  private status(): WorkerStatus {
    return {
      process: {
        pid: process.pid,
        role: this.leaving ? "retires" : this.following ? "follows" : "leads",
        since: this.startedAt,
        connections: this.plane.connections,
        residentBytes: process.memoryUsage.rss(),
        files: openFiles(),
      },
      plane: planeStatus(this.plane),
    };
  }

  private async upgrade(settings: ChangedSettings): Promise<number | string> {
    this.settingsWanted = settings;
    if (!this.holder.connected) {
      // One that died a moment ago may still look alive: then `attend` asks its successor.
      const found = new Promise<void>((tell) => this.holderListeners.push(tell));
      const late = await Promise.race([found.then(() => false), pause(longestPause, true, { ref: false })]);
      if (late) return "its holder has died and no new one could be started: see the router's log";
    }
    return new Promise((tell) => {
      this.upgradeListeners.push(tell);
      void this.tell({ kind: "upgrade", settings });
    });
  }

  private inherit(traffic: TrafficByRoute): void {
    for (const [route, releases] of Object.entries(traffic)) {
      for (const [release, counts] of Object.entries(releases)) this.plane.countersOf(route, release).add(counts);
    }
  }

  private loadTable(): void {
    const stored = readTable(this.tableFile);
    switch (stored.found) {
      case "table":
        return this.plane.apply(stored.table);
      case "damaged":
        return this.log.write("table file damaged", { why: stored.why, setAsideAs: stored.setAsideAs });
      case "nothing":
    }
  }

  /** Alone it need tell nobody; one that retires is not alone. */
  private async shareTaken(): Promise<void> {
    const taken = this.plane.rates.takeNote();
    if (taken.length > 0 && (this.router.workers > 1 || this.leaving)) await this.tell({ kind: "taken", taken });
  }

  private report(): Promise<void> {
    return this.tell({ kind: "traffic", traffic: this.plane.traffic() });
  }

  /** Resolves when the message is on its way; when the holder is gone nobody needs to know. */
  private tell(message: WorkerMessage): Promise<void> {
    return new Promise((sent) => this.holder.send(message, sent));
  }
}

const accessLogStatus = ({ accessLog }: RouterArguments): object | null =>
  accessLog === null ? null : { file: accessLog.path, sample: accessLog.sample };

const router = routerArguments(process.argv.slice(2));
if (typeof router === "string") throw new Error(router);
await new Worker(router).serve();
