import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlanBasis } from "@fairway/core";
import { FairwayError, messageOf, voidedBy } from "@fairway/core";
import { isUnwritten } from "@fairway/infrastructure";
import { withRoom } from "../artifacts/disk-full.ts";
import { mustLetGo } from "../runs/attempt.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { KeptPlan } from "../store/infrastructure-plans.ts";
import { endPlan, planById, planFile, planSummary, takePlan } from "../store/infrastructure-plans.ts";
import type { partsOf } from "../store/jobs.ts";
import { keepStateBefore, keepStateLeft } from "./kept-states.ts";
import { purposeOf } from "./plan-stage.ts";
import { basisOf, readyStack } from "./ready-stack.ts";
import type { StackInFolder } from "./stack-folder.ts";
import type { PlannedStack, StackJobInput } from "./stack-jobs.ts";
import { applyStageName, planJobOf } from "./stack-jobs.ts";
import { keepStackOutputs } from "./stack-outputs.ts";
import type { StackParts } from "./stack-parts.ts";
import { toldRefusal } from "./told-refusal.ts";
import { dumpedStateOf } from "./stack-tool.ts";
import { lostState, unknownOutcome, unwrittenState } from "./unknown-outcome.ts";

/** Applies exactly the plan that was made and approved, once. */
export function applyStage(parts: StackParts): Stage {
  return {
    name: applyStageName,
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as StackJobInput;
      const planned = attempt.results.get(planJobOf(input.stack.name)) as unknown as PlannedStack | undefined;
      if (planned === undefined) throw new FairwayError("internal", `${attempt.job} runs before its plan is made`);
      if (planned.plan === null) return { outcome: "succeeded", result: null, summary: "nothing to do" };
      const kept = await planById(parts.store, planned.plan);
      const ready = await readyStack(parts, attempt, input);
      if (!ready.ready) return ready.outcome;
      return applyPlan(parts, attempt, input, ready.stack, kept, planned.digest);
    },
  };
}

/** How an apply ended, as it is recorded. */
type Applied =
  | { readonly ended: "applied" }
  | { readonly ended: "void" | "failed"; readonly why: string }
  | { readonly ended: "unknown"; readonly why: string }
  /** Done, at least in part, and not written into the state. */
  | { readonly ended: "unwritten"; readonly why: string }
  /** Somebody else has it; how it ends is theirs to say. */
  | { readonly ended: "not taken"; readonly why: string };

async function applyPlan(
  parts: StackParts,
  attempt: Attempt,
  input: StackJobInput,
  stack: StackInFolder,
  kept: KeptPlan,
  approved: string,
): Promise<Outcome> {
  const again = `plan it again, and have that approved: fairway infrastructure apply ${input.environment}`;
  const voided = await attempt.step("look again", async () => {
    const its = stack.within("look again");
    const basis = await basisOf(its, stack, input);
    const why =
      kept.digest === approved ? voidedBy(kept.plan, basis, new Date(parts.now()).toISOString()) : ["it is another"];
    if (why.length === 0) await keepStateBefore(parts, its, kept);
    return why;
  });
  if (voided.length > 0) {
    const why = `plan ${kept.id} of ${input.stack.name} is void: ${voided.join("; ")}`;
    await attempt.step("record", async () => {
      await endPlan(parts.store, kept.id, "void", why);
      return null;
    });
    return { outcome: "failed", reason: `${why}; ${again}` };
  }
  // One step, which a stop does not cut in two: what was done is on record before anything else happens.
  return (await attempt.step("apply", async () =>
    asJson(await settle(parts, attempt, input, stack, kept, await applyFile(parts, attempt, input, stack, kept))),
  )) as unknown as Outcome;
}

async function applyFile(
  parts: StackParts,
  attempt: Attempt,
  input: StackJobInput,
  stack: StackInFolder,
  kept: KeptPlan,
): Promise<Applied> {
  const folder = join(parts.data.attempt(attempt.id), "plan-file");
  const file = join(folder, "plan");
  const before = await planSummary(parts.store, kept.id);
  // An earlier execution of this step has written down how it ended.
  if (before.appliedBy === attempt.id && before.state !== "applying" && before.state !== "planned")
    return before.state === "applied" ? { ended: "applied" } : { ended: before.state, why: before.why ?? "" };
  const sealed = await planFile(parts.store, kept.id);
  // Before it is taken: where there is no room for it, it can be applied later.
  if (sealed !== null) {
    const { run, job, attempt: number } = await madeBy(parts, kept);
    await withRoom(`the file of plan ${kept.id}`, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, await parts.sealer.open(purposeOf(run, job, number), sealed), { mode: 0o600 });
    });
  }
  const taken = await takePlan(parts.store, kept.id, attempt.id, kept.digest);
  if (taken !== "taken")
    return { ended: "not taken", why: `plan ${kept.id} is applied once, and it is ${taken} already; plan it again` };
  if (sealed === null) return { ended: "void", why: `the file of plan ${kept.id} is not kept any more` };
  let applied: Applied;
  try {
    const said = await stack.within("apply").apply(file);
    applied =
      said.outcome === "applied"
        ? { ended: "applied" }
        : {
            ended: said.outcome !== "refused" ? "void" : isUnwritten(said.diagnostics) ? "unwritten" : "failed",
            why: toldRefusal(said, input.stack.name, input.stack.folder),
          };
  } catch (thrown) {
    // Whoever goes on with it finds the program where it is.
    if (mustLetGo(attempt.signal)) throw thrown;
    // Whatever it is, the plan was taken, and nobody has seen how it ended.
    applied = { ended: "unknown", why: messageOf(thrown) };
  }
  await rm(folder, { recursive: true, force: true });
  return applied;
}

/** The attempt that made a plan, which its file is sealed for. */
async function madeBy(parts: StackParts, { id }: KeptPlan): Promise<ReturnType<typeof partsOf>> {
  const [row] = await parts.store.rows<ReturnType<typeof partsOf>>(
    "select run, job, attempt from fairway.infrastructure_plans where id = $1",
    [id],
  );
  if (row === undefined) throw new FairwayError("not_found", `there is no plan ${id}`);
  return row;
}

async function settle(
  parts: StackParts,
  attempt: Attempt,
  input: StackJobInput,
  stack: StackInFolder,
  kept: KeptPlan,
  applied: Applied,
): Promise<Outcome> {
  const its = stack.within("record", "also when stopped");
  switch (applied.ended) {
    case "applied":
      await endPlan(parts.store, kept.id, "applied", null);
      await keepStackOutputs(parts, its, input);
      return { outcome: "succeeded", result: null, summary: `applied plan ${kept.id}` };
    case "not taken":
      return { outcome: "failed", reason: applied.why };
    case "void":
      await endPlan(parts.store, kept.id, "void", applied.why);
      return { outcome: "failed", reason: applied.why };
    case "unwritten":
    case "failed": {
      const left = await keepStateLeft(parts, leftBy(parts, attempt, stack), kept);
      if (left !== null || applied.ended === "unwritten") {
        await endPlan(parts.store, kept.id, "unknown", applied.why);
        return left === null ? lostState(kept, applied.why) : unwrittenState(kept, left, applied.why);
      }
      await endPlan(parts.store, kept.id, "failed", applied.why);
      const now = await serialNow(its);
      return { outcome: "failed", reason: `${applied.why}\n${whatIsThere(kept.plan.basis, now, input.environment)}` };
    }
    case "unknown":
      await endPlan(parts.store, kept.id, "unknown", applied.why);
      return unknownOutcome(
        attempt,
        its,
        await keepStateLeft(parts, leftBy(parts, attempt, stack), kept),
        kept,
        applied.why,
      );
  }
}

/** Where a state lies that could not be written back. */
const leftBy = (
  { data }: StackParts,
  attempt: Attempt,
  { folder }: StackInFolder,
): Parameters<typeof keepStateLeft>[1] => ({ folder, printed: dumpedStateOf(data, attempt, "apply") });

const serialNow = (its: ReturnType<StackInFolder["within"]>): Promise<number | null | string> =>
  its.basis().then(
    ({ serial }) => serial,
    (thrown: unknown) => messageOf(thrown),
  );

function whatIsThere(before: PlanBasis, now: number | null | string, environment: string): string {
  if (typeof now === "string") return `its state cannot be read: ${now}`;
  if (now === before.serial) return "nothing of it is recorded in the state";
  return `what of it was done is recorded in the state (serial ${now ?? "none"}, before ${before.serial ?? "none"}); see what is left: fairway infrastructure plan ${environment}`;
}
