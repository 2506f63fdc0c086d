import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChangeCount, Digest, InfrastructurePlan, Millis, ResourceChange } from "@fairway/core";
import { countChanges, destroyedBy } from "@fairway/core";
import type { PlanMode, ReadPlan } from "@fairway/infrastructure";
import { contestedFields, isCovered } from "@fairway/infrastructure";
import { withRoom } from "../artifacts/disk-full.ts";
import { digestOf } from "../digest.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { keepPlan, nextPlanId, planById } from "../store/infrastructure-plans.ts";
import { partsOf } from "../store/jobs.ts";
import { basisOf, readyStack } from "./ready-stack.ts";
import type { PlannedStack, StackJobInput } from "./stack-jobs.ts";
import { planStageName } from "./stack-jobs.ts";
import type { StackInFolder } from "./stack-folder.ts";
import { keepStackOutputs } from "./stack-outputs.ts";
import type { StackParts } from "./stack-parts.ts";
import { toldRefusal } from "./told-refusal.ts";

/** A plan that nobody has applied by then was made of another world. */
const planLives: Millis = 24 * 60 * 60 * 1000;

/** Plans one stack and keeps the plan, sealed; nothing changes but what is on record. */
export function planStage(parts: StackParts): Stage {
  return {
    name: planStageName,
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as StackJobInput;
      if (input.plan !== null) return plannedBefore(parts, input, input.plan);
      const ready = await readyStack(parts, attempt, input);
      if (!ready.ready) return ready.outcome;
      const made = (await attempt.step("plan", async () =>
        asJson(await makePlan(parts, attempt, input, ready.stack)),
      )) as unknown as Made;
      if ("refused" in made) return { outcome: "failed", reason: made.refused };
      return { outcome: "succeeded", result: asJson(made), summary: summaryOf(made) };
    },
  };
}

type Made = PlannedStack | { readonly refused: string };

const nothing: ChangeCount = { create: 0, update: 0, replace: 0, destroy: 0 };

async function makePlan(
  parts: StackParts,
  attempt: Attempt,
  input: StackJobInput,
  stack: StackInFolder,
): Promise<Made> {
  const its = stack.within("plan");
  const folder = join(parts.data.attempt(attempt.id), "plan-file");
  await withRoom("a plan of infrastructure", () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const file = join(folder, "plan");
  // Beside each other: where the state changes in between, the plan is void or stale, and never wrong.
  const [found, made] = await Promise.allSettled([basisOf(its, stack, input), its.plan(file, input.mode)]);
  if (made.status === "rejected") throw made.reason;
  const planned = made.value;
  if (planned.outcome !== "planned" && planned.outcome !== "nothing")
    return { refused: toldRefusal(planned, input.stack.name, input.stack.folder) };
  if (found.status === "rejected") throw found.reason;
  const basis = found.value;
  if (planned.outcome === "nothing" || isNothing(planned.plan, input.mode)) {
    await rm(folder, { recursive: true, force: true });
    await keepStackOutputs(parts, its, input);
    return { plan: null, digest: digestOf({ nothing: basis }), count: nothing, needed: 0, names: [] };
  }
  if (!planned.plan.whole) return { refused: `the plan of ${input.stack.name} is not whole: it cannot be applied` };
  const bytes = await readFile(file);
  const at = parts.now();
  const plan: InfrastructurePlan = {
    basis,
    changes: input.mode === "refresh-only" ? learned(planned.plan) : planned.plan.changes,
    outputs: planned.plan.outputs,
    ...(planned.plan.shown === null ? {} : { shown: planned.plan.shown }),
    file: sha256(bytes),
    plannedAt: new Date(at).toISOString(),
    expiresAt: new Date(at + planLives).toISOString(),
  };
  const { run, job, attempt: number } = partsOf(attempt.id);
  const id = await nextPlanId(parts.store);
  // What was sealed for another number does not open: where an earlier try has kept its own, that one counts.
  const sealed = await parts.sealer.seal(purposeOf(run, job, number), bytes);
  const kept = await keepPlan(
    parts.store,
    id,
    {
      run,
      job,
      attempt: number,
      environment: input.environment,
      stack: input.stack.name,
      mode: input.mode,
      release: input.release,
      digest: sha256(JSON.stringify(plan)),
      plan,
      contested: contestedFields(plan.changes),
    },
    sealed,
  );
  await rm(folder, { recursive: true, force: true });
  return {
    plan: kept.id,
    digest: kept.digest,
    count: countChanges(kept.plan.changes),
    ...questionOf(input, kept.plan),
  };
}

/** A plan is written down once and then only read, so its text needs no canonical form, which takes longer than the plan. */
const sha256 = (bytes: string | Uint8Array): Digest => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** What a plan's file is sealed for: nobody can put one in the place of another. */
export const purposeOf = (run: string, job: string, attempt: number): string =>
  `infrastructure-plan/${run}/${job}/${attempt}`;

const isNothing = ({ changes, outputs, drift, shown }: ReadPlan, mode: PlanMode): boolean =>
  mode === "refresh-only" ? drift.length === 0 : changes.length === 0 && outputs.length === 0 && shown === null;

/** What the state learns of the world changes no resource: one that is gone there is forgotten. */
const learned = ({ drift }: ReadPlan): readonly ResourceChange[] =>
  drift.map((change) => (change.action === "destroy" ? { ...change, action: "forget" } : change));

/** How many people must say yes to a plan, and what they must type. */
function questionOf(
  { environment, mode, approvals, stack }: StackJobInput,
  { changes, shown }: Pick<InfrastructurePlan, "changes" | "shown">,
): Pick<PlannedStack, "needed" | "names"> {
  if (mode === "destroy") return { needed: Math.max(2, approvals), names: [environment] };
  const names = guarded(stack.preventDestroy, changes);
  // Nobody can tell what commands take away.
  const isUnknown = shown !== undefined && stack.preventDestroy !== false;
  return { needed: Math.max(approvals, names.length > 0 || isUnknown ? 1 : 0), names };
}

const guarded = (prevent: boolean | readonly string[], changes: readonly ResourceChange[]): readonly string[] =>
  destroyedBy(changes).filter((address) =>
    typeof prevent === "boolean" ? prevent : prevent.some((pattern) => isCovered(pattern, address)),
  );

/** A plan that was made by an earlier run, which is asked about and applied here. */
async function plannedBefore(parts: StackParts, input: StackJobInput, id: number): Promise<Outcome> {
  const kept = await planById(parts.store, id);
  if (kept.state !== "planned")
    return { outcome: "failed", reason: `plan ${id} is ${kept.state}${kept.why === null ? "" : `: ${kept.why}`}` };
  const made: PlannedStack = {
    plan: id,
    digest: kept.digest,
    count: countChanges(kept.plan.changes),
    ...questionOf(input, kept.plan),
  };
  return { outcome: "succeeded", result: asJson(made), summary: summaryOf(made) };
}

function summaryOf({ plan, count: { create, update, replace, destroy } }: PlannedStack): string {
  if (plan === null) return "nothing to do";
  return `plan ${plan}: ${create} to add, ${update} to change, ${replace} to replace, ${destroy} to destroy`;
}
