import { createHash } from "node:crypto";
import type {
  Actor,
  CommitHistory,
  Delivery,
  Forge,
  ForgeEvent,
  Project,
  ProjectForge,
  Repository,
  SecretSource,
  Trigger,
} from "@fairway/core";
import { FairwayError, messageOf, readInputs, systemActor } from "@fairway/core";
import type { ControlOptions } from "../control/control.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { Engine } from "../runs/engine.ts";
import { recordAudit } from "../store/audit.ts";
import { forgetDeliveries, keepDelivery } from "../store/deliveries.ts";
import { forgetDiffScans } from "../store/diff-scans.ts";
import { knownRefs } from "../store/known-refs.ts";
import type { Firing, FiringFilter } from "../store/trigger-firings.ts";
import { decideFiring, firingByNumber, forgetFirings, listFirings, openFirings } from "../store/trigger-firings.ts";
import type { Store } from "../store/store.ts";
import type { WorkflowRequest, WorkflowStart } from "../workflows/start-workflow.ts";
import type { CarryOutParts } from "./carry-out.ts";
import { carryOut } from "./carry-out.ts";
import { fireByHand } from "./fire-by-hand.ts";
import { fireSchedules } from "./fire-schedules.ts";
import { movesSince } from "./moves-since.ts";
import { rememberFirst } from "./remember-first.ts";
import { sourceProblemsOf } from "./source-of-commits.ts";
import { takeDeliveries, takeEvent } from "./take-deliveries.ts";
import type { TriggerProject } from "./trigger-project.ts";
import type { TriggerStanding } from "./trigger-standing.ts";
import { standingOf } from "./trigger-standing.ts";
import { mentionsTriggers, readTriggerProject, triggerNamed } from "./trigger-project.ts";

export interface TriggerParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly engine: Engine;
  readonly plane: ControlPlane;
  readonly secrets: SecretSource;
  readonly forges: Forges;
  readonly startWorkflow: (request: WorkflowRequest) => Promise<WorkflowStart>;
  readonly infrastructure: CarryOutParts["infrastructure"];
  readonly checks: CarryOutParts["checks"];
  readonly log: ControlOptions["log"];
}

/** Opens what a project says of where its repository is kept. */
export interface Forges {
  /** Null for a project that says nothing: events come from this machine alone. May be asked again for the same. */
  readonly open: (forge: ProjectForge | null, secrets: SecretSource) => Forge;
  readonly history: (forge: ProjectForge | null) => CommitHistory;
}

/** How a request that says that something happened is answered. */
export interface DeliveryAnswer {
  readonly status: 202 | 400 | 401 | 404 | 409 | 413 | 415;
  readonly why: string;
}

/** What is started by itself. */
export interface TriggerControl {
  /** Every trigger of the main branch's configuration, and why it does not count where it does not. */
  list(): Promise<{
    readonly triggers: readonly TriggerStanding[];
    readonly branch: string;
    readonly problem: string | null;
  }>;
  fired(filter: FiringFilter): Promise<readonly Firing[]>;
  /** One of them. Throws `not_found`. */
  firing(number: number): Promise<Firing>;
  /** The trigger of this name. Throws `not_found` with those that there are. */
  named(name: string): Promise<{ readonly trigger: Trigger; readonly read: TriggerProject }>;
  /** Fires a trigger for a person or a program. By a key of their own it is fired once. Throws `not_found`, `bad_request`, `not_allowed_now`. */
  fire(name: string, given: Readonly<Record<string, unknown>>, actor: Actor, key: string | null): Promise<Firing>;
  /** Takes what a forge sends: kept before it is answered, looked at afterwards. */
  receive(forge: string, delivery: Delivery): Promise<DeliveryAnswer>;
  /** Takes moves of branches and tags that plain git tells. Answers with how many were news. */
  moved(events: readonly ForgeEvent[]): Promise<number>;
  /** Where the repository is kept, by the newest known configuration. */
  forge(): Promise<{ readonly config: ProjectForge | null; readonly forge: Forge; readonly project: Project | null }>;
  /** Takes what came in and starts what is to be started. Done again and again. */
  work(): Promise<void>;
  /** Looks at the clock, and whether the main branch has another configuration. Done again and again. */
  watch(): Promise<void>;
  /** Looks at what the forge has, where its time has come: what was never told is found so. Done again and again. */
  reconcile(): Promise<void>;
  /** Forgets what is long past. */
  tidy(): Promise<void>;
  /** Why an environment does not take a commit for where it comes from. */
  sourceProblems(project: Project, environment: string, sha: string): Promise<readonly string[]>;
}

/** The triggers of a daemon. Holds nothing that the database does not, but what was last read of the configuration. */
export function triggerControl(parts: TriggerParts): TriggerControl {
  const { store, repository, forges, log } = parts;
  let read: TriggerProject | null | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  /** Counts what may have made something known of the forge, and at which count nothing was. */
  let heard = 0;
  let nothingKnownAt = -1;
  /** The newest commit that was looked at for triggers. */
  let watched: string | null = null;

  const configOf = (): ProjectForge | null => read?.project.forge ?? null;
  const opened = (): Forge => forges.open(configOf(), parts.secrets);
  const history = (): CommitHistory => forges.history(configOf());
  /** The configuration of the main branch as it is now. */
  async function refresh(): Promise<TriggerProject | null> {
    heard += 1;
    const before = read?.problem ?? null;
    read = await readTriggerProject({ sql: store, data: parts.data, repository }, history());
    if (read?.problem && read.problem !== before) log("warn", `triggers: ${read.problem}`);
    return read;
  }
  async function named(name: string): Promise<{ readonly trigger: Trigger; readonly read: TriggerProject }> {
    const found = await refresh();
    if (found !== null) return { trigger: triggerNamed(found.project, name), read: found };
    throw new FairwayError("not_found", "the main branch has no configuration that could be read", {
      hint: "fairway triggers says what is wrong with it",
    });
  }
  /** What was read last; a project that says nothing of triggers is not read for it at all, until something happens. */
  async function current(): Promise<TriggerProject | null> {
    if (read !== undefined) return read;
    const here = history();
    const tip = await here.tip(`refs/heads/${await here.defaultBranch()}`);
    if (tip !== null && (await mentionsTriggers(repository, tip))) return refresh();
    return (read = null);
  }
  /** The same with what the forge has by now: a push that changes the triggers is judged by the changed ones. */
  async function fetched(): Promise<void> {
    const found = await current();
    // Where it cannot be had, each event asks for its own commits, is told so, and comes again.
    if (found !== null)
      await opened()
        .fetch([`refs/heads/${found.branch}`])
        .catch((thrown: unknown) => log("debug", messageOf(thrown)));
    await refresh();
  }
  const takeParts = () => ({
    store,
    repository,
    history: history(),
    forge: opened(),
    read: read ?? null,
    workflows: configOf()?.workflows ?? true,
    refresh,
  });

  return {
    async list() {
      const found = await refresh();
      const triggers = await Promise.all(
        (found?.project.triggers ?? []).map((trigger) => standingOf(store, trigger, new Date())),
      );
      return { triggers, branch: found?.branch ?? "main", problem: found?.problem ?? null };
    },

    fired: (filter) => listFirings(store, filter),

    async firing(number) {
      const found = await firingByNumber(store, number);
      if (found === null) throw new FairwayError("not_found", `nothing has fired with the number ${number}`);
      return found;
    },

    named,

    async fire(name, given, actor, key) {
      const { trigger, read: found } = await named(name);
      const wanted = actor.kind === "token" ? "api" : "manual";
      const may = trigger.on.some(({ kind }) => kind === wanted || (kind === "api" && wanted === "manual"));
      if (!may)
        throw new FairwayError(
          "not_allowed_now",
          `the trigger "${name}" is not fired ${wanted === "api" ? "by the API" : "by hand"}`,
          {
            hint: `write on: { ${wanted}: true } into it`,
          },
        );
      const environments = found.project.environments.map((environment) => environment.name);
      const inputs = readInputs(trigger.inputs, given, environments);
      if (!inputs.ok)
        throw new FairwayError("bad_request", `the trigger "${name}" cannot take this: ${inputs.problems.join("; ")}`, {
          problems: inputs.problems,
        });
      return fireByHand(store, trigger, inputs.values, actor, key, found);
    },

    async receive(name, delivery) {
      await current();
      const forge = opened();
      if (forge.name !== name) return { status: 404, why: `no webhooks of ${name} are taken here` };
      const reading = await forge.readDelivery(delivery);
      if (!reading.accepted) return reading;
      const bodyHash = createHash("sha256").update(delivery.body).digest("hex");
      const { delivery: number, event } = reading;
      switch (await keepDelivery(store, { forge: name, delivery: number, bodyHash, event })) {
        case "new":
          return { status: 202, why: event === null ? "listening" : "taken" };
        case "known":
          return { status: 202, why: "was taken before" };
        case "conflict":
          await store.transaction(async (tx) =>
            recordAudit(tx, {
              actor: systemActor,
              action: "webhook.refused",
              subject: name,
              environment: null,
              detail: { delivery: number, why: "the delivery was something else before" },
            }),
          );
          log("warn", `${name} sent delivery ${JSON.stringify(number)} again with another body: it may be a replay`);
          return { status: 409, why: "this delivery was something else before" };
      }
    },

    async moved(events) {
      await refresh();
      await rememberFirst(
        store,
        opened(),
        new Set(events.flatMap((event) => (event.kind === "push" ? [event.ref] : []))),
      );
      let news = 0;
      for (const event of events) if (await takeEvent(takeParts(), event, null)) news += 1;
      heard += 1;
      return news;
    },

    async forge() {
      const found = await current();
      return { config: configOf(), forge: opened(), project: found?.project ?? null };
    },

    async work() {
      await takeDeliveries(store, async () => {
        await fetched();
        return takeParts();
      }).finally(() => (heard += 1));
      const open = await openFirings(store);
      if (open.length === 0) return;
      await current();
      for (const firing of open) {
        const outcome = await carryOut(
          {
            sql: store,
            engine: parts.engine,
            plane: parts.plane,
            repository,
            history: history(),
            read: read ?? null,
            startWorkflow: parts.startWorkflow,
            infrastructure: parts.infrastructure,
            checks: parts.checks,
            sourceProblems: (project, environment, sha) => sourceProblemsOf(history(), project, environment, sha),
          },
          firing,
        );
        await store.transaction((tx) => decideFiring(tx, firing, outcome));
      }
    },

    async watch() {
      const found = await current();
      const here = history();
      const tip = await here.tip(`refs/heads/${found?.branch ?? (await here.defaultBranch())}`);
      if (tip !== null && tip !== found?.sha && tip !== watched) {
        if (hasTriggers(found) || (await mentionsTriggers(repository, tip))) await refresh();
        watched = tip;
      }
      await fireSchedules({ store, history: here, repository, read: read ?? null, now: new Date() });
    },

    async reconcile() {
      await current();
      const forge = opened();
      const isFirst = looked === Number.NEGATIVE_INFINITY;
      // Where a hook tells what happens, what it could not tell while nobody was there is looked for once.
      if (forge.lookEvery === null) {
        if (!isFirst || nothingKnownAt === heard) return;
        const asked = heard;
        if ((await knownRefs(store, forge.name)).size === 0) {
          nothingKnownAt = asked;
          return;
        }
      }
      if (!isFirst && forge.lookEvery !== null && performance.now() - looked < forge.lookEvery) return;
      looked = performance.now();
      const state = await forge.look().catch((thrown: unknown) => {
        log("warn", `could not look at ${forge.name}: ${messageOf(thrown)}`);
        return null;
      });
      if (state === null) return;
      const moves = movesSince(await knownRefs(store, forge.name), state);
      if (moves.length > 0) await fetched();
      for (const move of moves) await takeEvent(takeParts(), move.event, move);
    },

    async tidy() {
      await forgetDeliveries(store);
      await forgetFirings(store);
      await forgetDiffScans(store);
    },

    sourceProblems: (project, environment, sha) => sourceProblemsOf(history(), project, environment, sha),
  };
}

const hasTriggers = (read: TriggerProject | null): boolean =>
  read?.project.triggers !== undefined || read?.project.forge !== undefined;
