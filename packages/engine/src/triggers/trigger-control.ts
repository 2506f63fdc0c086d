import type { Actor, Delivery, Forge, ForgeEvent, Project, ProjectForge, Trigger } from "@fairway/core";
import { FairwayError, readInputs } from "@fairway/core";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { Engine } from "../runs/engine.ts";
import { forgetDeliveries } from "../store/deliveries.ts";
import { forgetDiffScans } from "../store/diff-scans.ts";
import type { Firing, FiringFilter } from "../store/trigger-firings.ts";
import { decideFiring, firingByNumber, forgetFirings, listFirings, openFirings } from "../store/trigger-firings.ts";
import type { WorkflowRequest, WorkflowStart } from "../workflows/start-workflow.ts";
import type { CarryOutParts } from "./carry-out-parts.ts";
import { carryOut } from "./carry-out.ts";
import { fireByHand } from "./fire-by-hand.ts";
import { fireSchedules } from "./fire-schedules.ts";
import type { DeliveryAnswer } from "./receive-delivery.ts";
import { receiveDelivery } from "./receive-delivery.ts";
import { forgeReconciler } from "./reconcile-forge.ts";
import { rememberFirst } from "./remember-first.ts";
import { sourceProblemsOf } from "./source-of-commits.ts";
import { takeDeliveries, takeEvent } from "./take-deliveries.ts";
import type { TriggerProject } from "./trigger-project.ts";
import { mentionsTriggers } from "./trigger-project.ts";
import type { TriggerReaderParts } from "./trigger-reader.ts";
import { triggerReader } from "./trigger-reader.ts";
import type { TriggerStanding } from "./trigger-standing.ts";
import { standingOf } from "./trigger-standing.ts";

export interface TriggerParts extends TriggerReaderParts {
  readonly engine: Engine;
  readonly plane: ControlPlane;
  readonly startWorkflow: (request: WorkflowRequest) => Promise<WorkflowStart>;
  readonly infrastructure: CarryOutParts["infrastructure"];
  readonly checks: CarryOutParts["checks"];
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
  /** Fires a trigger for somebody; by a key of theirs, once. Throws `not_found`, `bad_request`, `not_allowed_now`. */
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
  const { store, repository } = parts;
  const reader = triggerReader(parts);
  const { configOf, opened, history, refresh, named, current, fetched, takeParts, hear } = reader;
  /** The newest commit that was looked at for triggers. */
  let watched: string | null = null;

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
      return receiveDelivery(parts, opened(), name, delivery);
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
      hear();
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
      }).finally(hear);
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
            read: reader.known(),
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
      await fireSchedules({ store, history: here, repository, read: reader.known(), now: new Date() });
    },

    reconcile: forgeReconciler(parts, reader),

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
