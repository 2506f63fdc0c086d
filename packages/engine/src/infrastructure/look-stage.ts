import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Timestamp } from "@fairway/core";
import type { DriftFinding, Planned } from "@fairway/infrastructure";
import { classifyDrift } from "@fairway/infrastructure";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { ignoresOf, recordLookAtDrift } from "../store/infrastructure-drift.ts";
import { readyStack } from "./ready-stack.ts";
import type { StackInFolder } from "./stack-folder.ts";
import type { StackJobInput } from "./stack-jobs.ts";
import { lookStageName } from "./stack-jobs.ts";
import type { StackParts } from "./stack-parts.ts";
import { toldRefusal } from "./told-refusal.ts";

type Looked = { readonly at: Timestamp; readonly found: readonly DriftFinding[] } | { readonly refused: string };

/** Compares the world with the state, and the state with the code; changes neither. */
export function lookStage(parts: StackParts): Stage {
  return {
    name: lookStageName,
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as StackJobInput;
      const ready = await readyStack(parts, attempt, input);
      if (!ready.ready) return ready.outcome;
      const looked = (await attempt.step("look", async () =>
        asJson(await look(parts, attempt, input, ready.stack)),
      )) as unknown as Looked;
      if ("refused" in looked) return { outcome: "failed", reason: looked.refused };
      const opened = await attempt.step("record", async () =>
        asJson(
          await recordLookAtDrift(parts.store, {
            environment: input.environment,
            stack: input.stack.name,
            owner: input.stack.owner,
            run: attempt.run,
            ...looked,
          }),
        ),
      );
      return { outcome: "succeeded", result: asJson({ opened }), summary: summaryOf(looked.found) };
    },
  };
}

async function look(
  parts: StackParts,
  attempt: Attempt,
  { environment, stack }: StackJobInput,
  { folder: _folder, within }: StackInFolder,
): Promise<Looked> {
  const at = new Date(parts.now()).toISOString();
  const its = within("look");
  const files = join(parts.data.attempt(attempt.id), "plan-file");
  await mkdir(files, { recursive: true, mode: 0o700 });
  try {
    const world = await its.plan(join(files, "world"), "refresh-only");
    if (isRefusal(world)) return { refused: toldRefusal(world, stack.name, stack.folder) };
    const code = await its.plan(join(files, "code"));
    if (isRefusal(code)) return { refused: toldRefusal(code, stack.name, stack.folder) };
    const rules = [...stack.ignore, ...(await ignoresOf(parts.store, environment, stack.name))];
    const found = classifyDrift(
      world.outcome === "planned" ? world.plan.drift : [],
      code.outcome === "planned" ? code.plan.changes : [],
      rules,
      at,
    );
    return { at, found };
  } finally {
    await rm(files, { recursive: true, force: true });
  }
}

const isRefusal = (planned: Planned): planned is Exclude<Planned, { outcome: "planned" | "nothing" }> =>
  planned.outcome !== "planned" && planned.outcome !== "nothing";

function summaryOf(found: readonly DriftFinding[]): string {
  const words = (["out-of-band", "ours", "noise"] as const)
    .map((kind) => [kind, found.filter((one) => one.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  return words.length === 0 ? "the world is as the code says" : words.join(", ");
}
