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
 * Keeps the state that the program could not write back, which it leaves in a file beside the code. Answers with its number;
 * null where there is no such file. May be repeated.
 */
export async function keepStateLeft(
  parts: Pick<StackParts, "store" | "sealer">,
  folder: string,
  { environment, stack }: Pick<KeptPlan, "environment" | "stack">,
): Promise<number | null> {
  const file = join(folder, "errored.tfstate");
  const text = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });
  if (text === null) return null;
  const kept = await keepStateText(parts, { environment, stack, plan: null }, text);
  // Sealed it is safe; in the folder everybody who reads the workspace has its secrets.
  await rm(file);
  return kept;
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
