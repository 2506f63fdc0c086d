import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@fairway/core";
import type { Stack } from "@fairway/infrastructure";
import type { KeptPlan } from "../store/infrastructure-plans.ts";
import type { KeptState } from "../store/infrastructure-states.ts";
import { keepState } from "../store/infrastructure-states.ts";
import type { StackParts } from "./stack-parts.ts";

/** What a kept state is sealed for. */
export const statePurpose = (environment: string, stack: string, digest: Digest): string =>
  `infrastructure-state/${environment}/${stack}/${digest}`;

/** Keeps the state of a stack as it is before a plan is applied; nothing where there is none yet. May be repeated. */
export async function keepStateBefore(
  parts: Pick<StackParts, "store" | "sealer">,
  its: Stack,
  plan: Pick<KeptPlan, "id" | "environment" | "stack">,
): Promise<void> {
  const text = await its.state();
  if (text === null) return;
  await keepStateText(parts, { environment: plan.environment, stack: plan.stack, plan: plan.id }, text);
}

/**
 * Keeps the state that the program could not write back: it leaves it in a file beside the code, or prints it where that cannot
 * be written either, which is then in the file of `printed`. Answers with its number; null where neither is there whole. May be
 * repeated.
 */
export async function keepStateLeft(
  parts: Pick<StackParts, "store" | "sealer">,
  { folder, printed }: { readonly folder: string; readonly printed: string },
  { environment, stack }: Pick<KeptPlan, "environment" | "stack">,
): Promise<number | null> {
  const files = [join(folder, "errored.tfstate"), printed];
  for (const file of files) {
    const text = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return null;
      throw thrown;
    });
    // Cut off where the disk was full.
    if (text === null || !isWhole(text)) continue;
    const kept = await keepStateText(parts, { environment, stack, plan: null }, text);
    // Sealed it is safe; in the folder everybody who reads the workspace has its secrets.
    for (const each of files) await rm(each, { force: true });
    return kept;
  }
  return null;
}

/** Whether a state was written to its end. */
export function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}

/** Keeps a state that was read. Answers with its number; null where it was kept before. */
export async function keepStateText(
  { store, sealer }: Pick<StackParts, "store" | "sealer">,
  about: Pick<KeptState, "environment" | "stack" | "plan">,
  text: string,
): Promise<number | null> {
  const { serial, lineage } = JSON.parse(text) as { readonly serial?: number; readonly lineage?: string };
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const bytes = Buffer.from(text, "utf8");
  const sealed = await sealer.seal(statePurpose(about.environment, about.stack, digest), bytes);
  return keepState(
    store,
    { ...about, serial: serial ?? null, lineage: lineage ?? null, digest, bytes: bytes.length },
    sealed,
  );
}
