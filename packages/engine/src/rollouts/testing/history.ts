// One world in which everything of a history happens, longer than other files for it: triggers, crashes, frozen workers and
// the way back share their state, and split they would only be harder to follow.

import { isInjectedCrash, plainService } from "@fairway/conformance";
import type {
  Facts,
  FencingToken,
  Progress,
  Project,
  Release,
  ReleaseId,
  Rollout,
  RunId,
  StrategyOptions,
} from "@fairway/core";
import { can, changedNothing, codeOf, isTerminal, nothing, planDeployment, plainFacts, rolloutId } from "@fairway/core";
import { digestOf } from "../../digest.ts";
import { planDeploymentRun } from "../deployment-run.ts";
import type { Fate, Service } from "./history-platform.ts";
import { Platform, services } from "./history-platform.ts";
import type { RowJob, RowRun } from "./history-rows.ts";
import { Rows } from "./history-rows.ts";

/** What a history is about. */
export interface HistorySetup {
  readonly strategy: StrategyOptions;
  readonly queue: "all" | "newest";
  readonly approvals: 0 | 1;
  readonly replicas: number;
  /** How the replicas of each release behave, from the second on; the first is well, so that there is a way back. */
  readonly behaviour: readonly (string | null)[];
}

/** One execution of one attempt: it does a step at a time, and may die or freeze in the middle of one. */
interface Execution {
  readonly run: RowRun;
  readonly job: RowJob;
  readonly epoch: number;
  readonly halt: AbortController;
  readonly tokens: Map<string, FencingToken>;
  /** Restore: the services that are back. */
  readonly back: Set<Service>;
  silent: number;
  state: "lives" | "frozen";
}

const most = 60;
const patience = 3;

/**
 * A history of one environment with two services: the real planning, run graph, queue, outcomes and targets over rows and
 * replicas in memory. Whatever is random comes from a script of numbers; when that has ended all goes well, and the history
 * is brought to its end. Whatever happens, six things hold:
 *
 * I1: a deployment that was acknowledged is never lost, nor one recorded that did not happen.
 * I2: nobody has an effect after somebody newer had one.
 * I3: the router sends users to replicas that run and are well.
 * I4: only one deployment changes the environment: the one that began last. A worker that froze in the middle of the way back
 *     and thaws after its deadline may still do what it was about to, until the next deployment has begun.
 * I5: every deployment ends with an outcome, or asks for a person.
 * I6: the record says what runs.
 */
export class History {
  readonly rows: Rows = new Rows((release) => this.#orderOf(release));
  readonly platform: Platform;
  readonly broken: string[] = [];
  readonly #setup: HistorySetup;
  readonly #releases: readonly Release[];
  #script: readonly number[];
  #at = 0;
  #executions: Execution[] = [];
  #highest = new Map<string, number>();
  #late = false;

  constructor(setup: HistorySetup, script: readonly number[]) {
    this.#setup = setup;
    this.#script = script;
    const project = projectOf(setup);
    this.#releases = [null, ...setup.behaviour].map((_, index) => releaseOf(project, index + 1));
    this.platform = new Platform({
      fate: () => this.#fate(),
      getsReady: () => this.#chance(4) !== 3,
      sentinelOf: (release) => [null, ...setup.behaviour][Number(release.slice(1)) - 1] ?? null,
      onEffect: (token) => this.#onEffect(token),
      onBroken: (what) => void this.broken.push(what),
    });
  }

  /** Plays the script, then lets all come to rest. */
  async play(): Promise<void> {
    await this.#first();
    while (this.#at < this.#script.length && this.broken.length === 0) await this.#act();
    this.#late = true;
    await this.#rest();
    if (this.broken.length === 0) await this.#judge();
  }

  get #isOver(): boolean {
    return this.#at >= this.#script.length;
  }

  /** A number below `choices`; 0 once the script has ended. */
  #chance(choices: number): number {
    return (this.#script[this.#at++] ?? 0) % choices;
  }

  #fate(): Fate {
    if (this.#late) return "well";
    const fates: readonly Fate[] = ["crash-before", "crash-after", "silent", "freeze"];
    return fates[this.#chance(40) - 1] ?? "well";
  }

  #orderOf(release: ReleaseId): { readonly committedAt: string; readonly number: number } {
    const { revision } = this.#release(release);
    return { committedAt: revision.committedAt, number: Number(release.slice(1)) };
  }

  #release(id: ReleaseId): Release {
    const found = this.#releases.find((release) => release.id === id);
    if (found === undefined) throw new TypeError(`there is no ${id}`);
    return found;
  }

  /** Something runs already, so that there is something to go back to. */
  async #first(): Promise<void> {
    const script = this.#script;
    this.#script = [];
    this.#late = true;
    this.#deploy(1, "deploy", "by name");
    await this.#rest();
    this.#late = false;
    this.#script = script;
    this.#at = 0;
    if (this.rows.current !== "r1") this.broken.push("the first release was not deployed");
  }

  async #act(): Promise<void> {
    const { rows } = this;
    const open = rows.runs.filter(({ state }) => !isTerminal(state));
    const some = <Item>(items: readonly Item[]): Item | undefined => items[this.#chance(Math.max(1, items.length))];
    switch (this.#chance(14)) {
      case 0:
        return this.#deploy(
          1 + this.#chance(this.#releases.length),
          "deploy",
          this.#chance(3) === 0 ? "by name" : "automatically",
        );
      case 1: {
        const before = rows.deployed.at(-1 - this.#chance(2))?.release;
        return before === undefined ? undefined : this.#deploy(Number(before.slice(1)), "rollback", "by name");
      }
      case 2:
        return this.#stop(some(open));
      case 3: {
        const asked = open.filter(({ jobs }) =>
          jobs.some(({ stage, state }) => stage === "approval" && state === "waiting"),
        );
        const run = some(asked);
        if (run !== undefined) run.approved = this.#chance(4) !== 3;
        return run === undefined ? undefined : rows.advance(run);
      }
      case 4: {
        const running = open.flatMap((run) =>
          run.jobs.filter(({ state }) => state === "running").map((job) => ({ run, job })),
        );
        const late = some(running);
        // Only where something puts things right: what only writes rows has minutes for that.
        if (late !== undefined && ["rollout", "verify", "restore"].includes(late.job.stage) && late.job.stop === null) {
          late.job.stop = { cause: "deadline" };
          this.#heed(late.run, late.job);
        }
        return undefined;
      }
      case 5:
        return this.platform.kill(services[this.#chance(2)] ?? "api", this.#chance(8));
      case 6:
        // The daemon dies: what was in flight is gone, but what it had frozen in may still come.
        this.#executions = this.#executions.filter(({ state }) => state === "frozen");
        return undefined;
      case 7:
        return this.#thaw(this.platform.frozen.splice(this.#chance(Math.max(1, this.platform.frozen.length)), 1));
      case 8:
        rows.locked = rows.locked === null && this.#chance(3) === 0 ? { by: "ana", because: "stock-taking" } : null;
        return undefined;
      default:
        return this.#pass();
    }
  }

  #deploy(number: number, reason: "deploy" | "rollback", asked: "by name" | "automatically"): void {
    const release = this.#releases[number - 1];
    if (release === undefined || this.rows.runs.length >= 12) return;
    const { current } = this.rows;
    const plan = planDeployment({
      release,
      running: current === null ? null : this.#release(current),
      environment: "test",
      reason,
      verifiedIn: this.rows.deployed.some((deployed) => deployed.release === release.id) ? ["test"] : [],
      quarantine: null,
    });
    if (plan.obstacles.length > 0) throw new TypeError(plan.obstacles.join("; "));
    this.rows.start(plan, planDeploymentRun(plan, digestOf(plan), release, "ana", asked));
  }

  #stop(run: RowRun | undefined): void {
    if (run === undefined) return;
    const [keep, force] = [this.#chance(3) === 2, this.#chance(2) === 1];
    const has = (stage: string, is: (job: RowJob) => boolean): boolean =>
      run.jobs.some((job) => job.stage === stage && is(job));
    const possible = can.stop({
      id: run.id,
      state: run.state,
      stopping: run.stopping,
      frozen: run.frozen,
      isRollback: run.plan.reason === "rollback",
      begun: has("begin", ({ state }) => state === "succeeded"),
      finishing: has("finish", ({ state, ready }) => state === "succeeded" || state === "running" || ready),
      keep,
      force,
    });
    if (!possible.possible) return;
    if (run.frozen) run.attention = null;
    Object.assign(run, { stopping: true, frozen: keep });
    for (const job of run.jobs) {
      if (job.turn !== "after-success") continue;
      if (job.state === "pending") job.ready = false;
      if (job.state === "running" && job.stop === null) {
        job.stop = { cause: "cancelled" };
        this.#heed(run, job);
      }
    }
    this.rows.advance(run);
  }

  #heed(run: RowRun, job: RowJob): void {
    for (const execution of this.#executions)
      if (execution.run === run && execution.job === job) execution.halt.abort(new Error("it was to stop"));
  }

  /** A moment passes: signals are heard or lost, workers claim, take over and do a step, replicas start. */
  async #pass(): Promise<void> {
    const { rows } = this;
    for (const id of rows.signals) {
      rows.signals.delete(id);
      if (this.#chance(5) !== 4) rows.advance(rows.run(id));
    }
    if (this.#chance(3) === 0 || this.#isOver) for (const run of rows.runs) rows.advance(run);
    this.#claim();
    for (const execution of [...this.#executions]) if (execution.state === "lives") await this.#step(execution);
    if (this.#chance(3) !== 2) this.platform.tick();
    if (rows.holder === null && this.#chance(4) === 0) await this.#keep();
  }

  #claim(): void {
    for (const run of this.rows.runs)
      for (const job of run.jobs) {
        const isOrphan =
          job.state === "running" && !this.#executions.some((one) => one.job === job && one.epoch === job.epoch);
        const frozen = this.#executions.some(
          (one) => one.job === job && one.epoch === job.epoch && one.state === "frozen",
        );
        // A worker that is silent for so long has lost its lease; it does not know yet.
        const isSilent = job.state === "running" && frozen && (this.#isOver || this.#chance(4) === 0);
        if (!(job.state === "pending" && job.ready) && !isOrphan && !isSilent) continue;
        Object.assign(job, { state: "running", ready: false, epoch: job.epoch + 1 });
        const halt = new AbortController();
        if (job.stop !== null) halt.abort(new Error("it was to stop"));
        this.#executions.push({
          run,
          job,
          epoch: job.epoch,
          halt,
          tokens: new Map(),
          back: new Set(),
          silent: 0,
          state: "lives",
        });
      }
  }

  async #thaw(frozen: readonly (() => void)[]): Promise<void> {
    for (const thaw of frozen) thaw();
    if (frozen.length > 0) await settled();
  }

  #leave(execution: Execution): void {
    this.#executions = this.#executions.filter((other) => other !== execution);
  }

  async #step(execution: Execution): Promise<void> {
    const { run, job, epoch } = execution;
    const done = await this.platform.untilDoneOrFrozen(() => this.#do(execution).catch((thrown: unknown) => thrown));
    if ("goesOn" in done) {
      execution.state = "frozen";
      // What it comes to when it thaws is nobody's business any more, unless nobody has taken over.
      void done.goesOn.then((answer) => this.#settle(execution, answer));
      return;
    }
    if (isInjectedCrash(done.answer)) return this.#leave(execution);
    if (job.epoch === epoch && !isTerminal(run.state)) this.#settle(execution, done.answer);
    else this.#leave(execution);
  }

  #settle(execution: Execution, answer: unknown): void {
    const { run, job, epoch, halt } = execution;
    execution.state = "lives";
    const end = (outcome: "succeeded" | "failed" | "errored", reason = ""): void => {
      this.#leave(execution);
      this.rows.settle(run, job, epoch, outcome, reason);
    };
    if (isInjectedCrash(answer) || codeOf(answer) === "fenced") return this.#leave(execution);
    if (answer === "goes on") return;
    if (answer === "succeeded") return end("succeeded");
    if (typeof answer === "string") return end("failed", answer);
    if (halt.signal.aborted) return end("errored", "stopped");
    if (codeOf(answer) === "target_unreachable" && execution.silent++ < patience) return;
    if (codeOf(answer) === undefined) this.broken.push(`a fault: ${String(answer)} ${(answer as Error).stack ?? ""}`);
    end("errored", String(answer));
  }

  /** One step of a stage: `goes on`, `succeeded`, or why not. */
  async #do(execution: Execution): Promise<string> {
    const { run, job, halt } = execution;
    switch (job.stage) {
      case "begin":
        return this.#begin(execution);
      case "rollout":
        return this.#roll(execution, serviceOf(job), (target, rollout) => target.advance(rollout, this.#facts()));
      case "verify": {
        if (halt.signal.aborted) throw halt.signal.reason;
        for (const service of services) {
          const groups = await this.platform.target(service, halt.signal).observe();
          const others = [...groups].filter(([release, group]) => release !== run.plan.release && group.running > 0);
          const ready = groups.get(run.plan.release)?.ready ?? nothing.ready;
          if (ready < this.#setup.replicas || others.length > 0) return `${service} does not run it whole`;
        }
        return "succeeded";
      }
      case "restore": {
        const next = services.toReversed().find((service) => !execution.back.has(service));
        if (next === undefined) return "succeeded";
        const ended = await this.#roll(execution, next, (target, rollout) => target.abort(rollout));
        if (ended !== "succeeded") return ended;
        execution.back.add(next);
        return "goes on";
      }
      case "finish":
        this.rows.carriedThrough(run);
        return "succeeded";
      default:
        throw new TypeError(`nobody does ${job.stage}`);
    }
  }

  /** As the stage does it: it shuts out whoever acted before, and looks at what runs. */
  async #begin({ run, job, epoch, halt }: Execution): Promise<string> {
    for (const service of services) {
      const token = this.#token(run, job, epoch, service);
      if (halt.signal.aborted) throw halt.signal.reason;
      await this.platform.target(service, halt.signal).fence?.(token);
    }
    this.rows.begun = run.id;
    run.from = this.rows.current;
    return "succeeded";
  }

  #token(run: RowRun, job: RowJob, epoch: number, service: Service): FencingToken {
    const drawn = this.rows.drawFence(run.id, job, epoch);
    if (drawn === null) throw Object.assign(new Error("fenced"), { code: "fenced" });
    return { scope: `test/${service}`, epoch: drawn, holder: `${run.id}/${job.name}/1` };
  }

  async #roll(
    execution: Execution,
    service: Service,
    move: (target: ReturnType<Platform["target"]>, rollout: Rollout) => Promise<Progress>,
  ): Promise<string> {
    const { run, job, epoch, halt, tokens } = execution;
    if (!tokens.has(service)) tokens.set(service, this.#token(run, job, epoch, service));
    if (halt.signal.aborted) throw halt.signal.reason;
    const progress = await move(this.platform.target(service, halt.signal), {
      id: rolloutId(run.id, service),
      environment: "test",
      service,
      from: run.from,
      to: run.plan.release,
      desired: this.#setup.replicas,
      strategy: this.#setup.strategy,
      token: tokens.get(service) as FencingToken,
    });
    execution.silent = 0;
    if (progress.phase === "moving") return "goes on";
    return progress.phase === "succeeded" ? "succeeded" : progress.reason;
  }

  #facts(): Facts {
    return { ...plainFacts, sinceShift: this.#chance(3) === 2 ? 0 : Number.MAX_SAFE_INTEGER };
  }

  /** What the daemon does where nobody changes the environment. */
  async #keep(): Promise<void> {
    const { current } = this.rows;
    if (current === null || this.rows.holder !== null) return;
    for (const service of services) {
      const token = { scope: `test/${service}`, epoch: this.rows.fence, holder: "keeper" };
      const rollout = { from: null, to: current, desired: this.#setup.replicas, strategy: this.#setup.strategy, token };
      const about = { id: rolloutId("keeper" as RunId, service), environment: "test", service };
      await this.platform.target(service).keep?.({ ...about, ...rollout });
    }
  }

  async #rest(): Promise<void> {
    this.rows.locked = null;
    for (let looks = 0; looks < most * 20; looks++) {
      const open = this.rows.runs.filter(({ state }) => !isTerminal(state));
      for (const run of open) if (run.approved === null) run.approved = true;
      await this.#thaw(this.platform.frozen.splice(0));
      await this.#pass();
      // What a person keeps half-way stays so until a person says otherwise.
      for (const run of open) if (run.frozen && run.attention !== null) this.#stop(run);
      if (open.length === 0) return;
    }
    for (const run of this.rows.runs)
      if (!isTerminal(run.state))
        this.broken.push(
          `I5: ${run.id} never ended: ${run.jobs.map(({ name, state, ready }) => `${name} ${state}${ready ? " ready" : ""}`).join(", ")}`,
        );
  }

  /** What is refused or has no effect is nobody's; what has one is the holder's, and no older than what came before. */
  #onEffect({ scope, epoch, holder }: FencingToken): void {
    if ((this.#highest.get(scope) ?? 0) > epoch)
      this.broken.push(`I2: ${holder} acted on ${scope} after it was overtaken`);
    this.#highest.set(scope, epoch);
    if (holder === "keeper") return;
    const run = holder.slice(0, holder.indexOf("/"));
    if (this.rows.begun !== run)
      this.broken.push(`I4: ${holder} acted on ${scope}, where ${this.rows.begun ?? "nobody"} has begun`);
  }

  async #judge(): Promise<void> {
    const { rows } = this;
    for (const run of rows.runs) {
      if (run.end === null) this.broken.push(`I5: ${run.id} ended ${run.state} without an outcome`);
      if (run.end?.outcome === "deployed" && run.state !== "succeeded")
        this.broken.push(`I5: ${run.id} is green but ${run.state}`);
      const isGreen = rows.deployed.some((deployed) => deployed.run === run.id);
      if (run.end !== null && isGreen !== (run.end.outcome === "deployed"))
        this.broken.push(
          `I1: ${run.id} is on record as ${isGreen ? "deployed" : "not deployed"}, and ended ${run.end.outcome}`,
        );
      if (run.plan.reason === "rollback" && run.end?.outcome === "superseded")
        this.broken.push(`I1: ${run.id} is a way back that was dropped`);
    }
    const unsure = rows.ended.findLast(({ end }) => end !== null && !changedNothing(end));
    if (unsure?.attention) return;
    await this.#judgeWhatRuns();
  }

  /**
   * The record says what runs: after the keeper has mended what died, every replica is of the current release, and only it is
   * routed.
   */
  async #judgeWhatRuns(): Promise<void> {
    const { current } = this.rows;
    if (current === null || this.#setup.behaviour[Number(current.slice(1)) - 2]) return;
    for (const service of services) {
      const stray = (await this.platform.replicas(service)).filter(
        ({ release, alive }) => alive && release !== current,
      );
      if (stray.length > 0)
        this.broken.push(
          `I6: ${current} is on record, and ${stray.map(({ name }) => name).join(", ")} of ${service} runs`,
        );
    }
    for (let looks = 0; looks < most && !(await this.#isWhole()); looks++) {
      await this.#keep();
      this.platform.tick();
    }
    if (await this.#isWhole()) return;
    for (const service of services) {
      const all = (await this.platform.replicas(service)).map(({ name, state }) => `${name} ${state}`);
      const routed = await this.platform.routed(service);
      this.broken.push(`I3: ${service} has ${all.join(", ")}; routed: ${routed.join(", ")}`);
    }
  }

  /** Every replica is ready and gets its traffic. */
  async #isWhole(): Promise<boolean> {
    for (const service of services) {
      const ready = (await this.platform.replicas(service)).filter(({ state }) => state === "ready");
      const routed = await this.platform.routed(service);
      if (ready.length !== this.#setup.replicas || routed.length !== ready.length) return false;
      if (ready.some(({ name }) => !routed.includes(name))) return false;
    }
    return true;
  }
}

/** All that was begun in memory has come to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const serviceOf = (job: RowJob): Service => job.name.slice("rollout:".length) as Service;

function projectOf({ strategy, queue, approvals, replicas }: HistorySetup): Project {
  const service = (name: Service, dependsOn: readonly Service[]): Project["services"][number] =>
    plainService(name, {
      dependsOn,
      health: { path: "/", interval: 1, timeout: 1, startWithin: 1 },
      replicas,
      strategy,
    });
  return {
    name: "history",
    services: [service("api", []), service("web", ["api"])],
    environments: [
      {
        name: "test",
        purpose: null,
        url: null,
        deploys: "automatically",
        promotesFrom: null,
        approvals,
        queue,
        deadline: 1,
        variables: {},
        verify: [],
        placements: services.map((name) => ({ service: name, replicas, strategy, env: {}, routes: [] })),
      },
    ],
  };
}

/** Numbers follow the commits but for the last, which is of an older commit than the one before it and was made late. */
function releaseOf(project: Project, number: number): Release {
  const committed = number === 4 ? 2.5 : number;
  return {
    id: `r${number}` as ReleaseId,
    digest: digestOf(number),
    revision: {
      sha: String(number).repeat(40),
      short: String(number),
      subject: `commit ${number}`,
      author: "ana",
      committedAt: new Date(committed * 60_000).toISOString(),
      ref: null,
    },
    project,
    parts: services.map((service) => ({
      service,
      artifact: digestOf([service, number]),
      inputs: digestOf(number),
      takenFrom: null,
    })),
    leftOut: [],
    createdAt: new Date(number * 60_000).toISOString(),
  };
}
