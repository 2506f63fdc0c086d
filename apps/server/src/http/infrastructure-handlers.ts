import type {
  DriftFindingShape,
  InfrastructurePlanShape,
  InfrastructurePlanSummary,
  InfrastructureStackShape,
} from "@fairway/api";
import type { InfrastructureStack, RunId } from "@fairway/core";
import { FairwayError, stacksIn } from "@fairway/core";
import type { Control, KeptFinding, KeptPlan, PlanSummary, Store } from "@fairway/engine";
import {
  currentRelease,
  findingById,
  ignoreDrift,
  listDrift,
  listPlans,
  listStates,
  ownDrift,
  planById,
  unknownPlans,
} from "@fairway/engine";
import { planMarkdown } from "@fairway/infrastructure";
import { fitting } from "./fitting.ts";
import type { Handlers } from "./http-server.ts";

export interface InfrastructureHandlerParts {
  readonly store: Store;
  readonly control: Control;
}

type InfrastructureOperations =
  | "infrastructure"
  | "infrastructurePlans"
  | "infrastructurePlan"
  | "planInfrastructure"
  | "applyInfrastructure"
  | "destroyInfrastructure"
  | "lookForDrift"
  | "adoptDrift"
  | "drift"
  | "ignoreDrift"
  | "ownDrift"
  | "infrastructureStates"
  | "restoreInfrastructureState";

/** Stacks of infrastructure, their plans and what differs. `show` gives a run as clients see it. */
export function infrastructureHandlers(
  { store, control }: InfrastructureHandlerParts,
  show: (run: RunId) => ReturnType<Handlers["planInfrastructure"]>,
): Pick<Handlers, InfrastructureOperations> {
  const { infrastructure } = control;
  const request = ({
    environment,
    of,
    stacks,
    by,
  }: {
    readonly environment: string;
    readonly of: string | null;
    readonly stacks: readonly string[] | null;
    readonly by: string;
  }): Parameters<typeof infrastructure.plan>[0] => ({ environment, of, by, stacks: stacks ?? undefined });

  return {
    infrastructure: ({ environment }) => stacksNow(store, control, environment),
    infrastructurePlans: async ({ environment, stack, run, limit }) =>
      (
        await listPlans(store, {
          limit,
          ...(environment === undefined ? {} : { environment }),
          ...(stack === undefined ? {} : { stack }),
          ...(run === undefined ? {} : { run: run as RunId }),
        })
      ).map(summaryOf),
    infrastructurePlan: async ({ plan, from, limit }) => planView(await planById(store, plan), from, limit),
    planInfrastructure: async (asked) => show(await infrastructure.plan(request(asked))),
    applyInfrastructure: async (asked) =>
      show(await infrastructure.apply({ ...request(asked), plan: asked.plan ?? undefined })),
    destroyInfrastructure: async (asked) =>
      show(await infrastructure.destroy({ ...request(asked), typed: asked.name })),
    lookForDrift: async (asked) => show(await infrastructure.look(request(asked))),
    adoptDrift: async (asked) => show(await infrastructure.adopt(request(asked))),
    drift: async ({ environment, closed, before, limit }) =>
      (
        await listDrift(store, {
          limit,
          closed: closed === "true",
          ...(before === undefined ? {} : { before }),
          ...(environment === undefined ? {} : { environment }),
        })
      ).map(findingView),
    ignoreDrift: async ({ environment, finding, field, reason, until, by }) => {
      const found = await findingIn(store, environment, finding);
      if (Date.parse(until) <= Date.now())
        throw new FairwayError("bad_request", `${until} is over already`, { hint: "name a day that is to come" });
      await ignoreDrift(store, found, { resource: found.address, field, reason, until, by });
      return findingView(await findingById(store, finding));
    },
    ownDrift: async ({ environment, finding, owner }) => {
      await ownDrift(store, await findingIn(store, environment, finding), owner);
      return findingView(await findingById(store, finding));
    },
    infrastructureStates: async ({ environment, stack }) =>
      (await listStates(store, environment, stack)).map(({ lineage: _lineage, ...state }) => state),
    restoreInfrastructureState: async ({ environment, state, by }) =>
      show(await infrastructure.restoreState({ environment, state, by })),
  };
}

async function findingIn(store: Store, environment: string, id: number): Promise<KeptFinding> {
  const found = await findingById(store, id);
  if (found.environment === environment) return found;
  throw new FairwayError("not_found", `${environment} has no finding ${id}`);
}

/** Plans of which nobody knows what was done, a sentence for each. */
export const unknownInfrastructure = async (store: Store): Promise<readonly string[]> =>
  (await unknownPlans(store)).map(
    ({ id, environment, stack, why }) =>
      `nobody knows what of plan ${id} of ${stack} was done in ${environment}: ${why ?? "it was interrupted"}; see what is left: fairway infrastructure plan ${environment}`,
  );

/** The stacks as what runs in each environment has them, or else the newest configuration. */
async function stacksNow(
  store: Store,
  control: Control,
  only: string | undefined,
): Promise<InfrastructureStackShape[]> {
  const project = await control.project();
  const found: InfrastructureStackShape[] = [];
  for (const { name } of project?.environments ?? []) {
    if (only !== undefined && only !== name) continue;
    const release = await currentRelease(store, name);
    const findings = await listDrift(store, { environment: name, limit: 500 });
    for (const stack of stacksIn((release?.project ?? project)?.infrastructure, name)) {
      const [last] = await listPlans(store, { environment: name, stack: stack.name, limit: 1 });
      found.push({
        environment: name,
        stack: stack.name,
        program: programOf(stack),
        folder: stack.folder,
        after: [...stack.after],
        drift: [...stack.drift],
        owner: stack.owner,
        last: last === undefined ? null : summaryOf(last),
        findings: findings.filter((one) => one.stack === stack.name).length,
      });
    }
  }
  return found;
}

const programOf = ({ program }: InfrastructureStack): string =>
  typeof program === "string" ? program : program.apply.join(" ");

/** A plan without what is in it. */
export const summaryOf = (kept: PlanSummary): InfrastructurePlanSummary => ({
  id: kept.id,
  run: kept.run,
  environment: kept.environment,
  stack: kept.stack,
  mode: kept.mode,
  release: kept.release,
  commit: kept.commit,
  tool: kept.tool,
  digest: kept.digest,
  count: { ...kept.count },
  state: kept.state,
  why: kept.why,
  plannedAt: kept.plannedAt,
  expiresAt: kept.expiresAt,
  endedAt: kept.endedAt,
});

const planView = (kept: KeptPlan, from: number, limit: number): InfrastructurePlanShape => ({
  ...summaryOf(kept),
  workspace: kept.plan.basis.workspace,
  serial: kept.plan.basis.serial,
  lineage: kept.plan.basis.lineage,
  resources: kept.plan.changes.length,
  changes: fitting(kept.plan.changes.slice(from, from + limit)).map((change) => ({
    ...change,
    fields: change.fields.map((field) => ({ ...field })),
  })),
  outputs: [...kept.plan.outputs],
  shown: kept.plan.shown ?? null,
  contested: kept.contested.map((one) => ({ ...one })),
  markdown: planMarkdown(kept.environment, kept.stack, kept),
});

const findingView = (finding: KeptFinding): DriftFindingShape => ({
  ...finding,
  fields: finding.fields.map((field) => ({ ...field })),
  because: [...finding.because],
});
