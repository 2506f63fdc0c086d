import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { stateById } from "../store/infrastructure-states.ts";
import { isWhole, keepStateText, statePurpose } from "./kept-states.ts";
import { readyStack } from "./ready-stack.ts";
import type { StackInFolder } from "./stack-folder.ts";
import { checkoutStack, stackInFolder } from "./stack-folder.ts";
import type { StackJobInput } from "./stack-jobs.ts";
import { restoreStageName } from "./stack-jobs.ts";
import type { StackParts } from "./stack-parts.ts";
import { toldRefusal } from "./told-refusal.ts";

/** What the job is told that puts a kept state back. */
export interface RestoreStateInput extends StackJobInput {
  /** The number of the kept state. */
  readonly state: number;
}

/** Puts a state that was kept back, as the newest of its history; the one that is there is kept before. */
export function restoreStateStage(parts: StackParts): Stage {
  return {
    name: restoreStageName,
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as RestoreStateInput;
      await attempt.step("put aside what is damaged", async () => {
        await checkoutStack(parts, attempt, input);
        await putDamagedAside(await stackInFolder(parts, attempt, input));
        return null;
      });
      const ready = await readyStack(parts, attempt, input);
      if (!ready.ready) return ready.outcome;
      const said = await attempt.step("put back", () => putBack(parts, attempt, input, ready.stack));
      return said.refused === null
        ? { outcome: "succeeded", result: null, summary: said.told }
        : { outcome: "failed", reason: said.refused };
    },
  };
}

interface StateJson {
  readonly serial?: number;
  readonly lineage?: string;
  readonly resources?: readonly StateResource[];
}

interface StateResource {
  readonly mode?: string;
  readonly type?: string;
  readonly name?: string;
  readonly module?: string;
}

async function putBack(
  parts: StackParts,
  attempt: Attempt,
  input: RestoreStateInput,
  stack: StackInFolder,
): Promise<{ readonly refused: string | null; readonly told: string }> {
  const kept = await stateById(parts.store, input.state);
  const { environment, stack: name, digest } = kept;
  const old = JSON.parse(
    (await parts.sealer.open(statePurpose(environment, name, digest), kept.sealed)).toString("utf8"),
  ) as StateJson;
  const its = stack.within("put back");
  const text = await its.state();
  const now = text === null ? null : (JSON.parse(text) as StateJson);
  if (now !== null && now.lineage !== old.lineage)
    return { refused: `state ${kept.id} is of another history than the one that is there (its lineage)`, told: "" };
  if (now !== null && isSame(old, now)) return { refused: null, told: `the state is that of ${kept.id} already` };
  if (text !== null) await keepStateText(parts, { environment, stack: name, plan: null }, text);
  const folder = join(parts.data.attempt(attempt.id), "plan-file");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "state");
  // The program takes a state only when it is newer than the one there is.
  const serial = Math.max(old.serial ?? 0, now?.serial ?? 0) + 1;
  await writeFile(file, JSON.stringify({ ...old, serial }), { mode: 0o600 });
  const put = await its.putState(file);
  await rm(folder, { recursive: true, force: true });
  if (put.outcome !== "put") return { refused: toldRefusal(put, name, input.stack.folder), told: "" };
  const forgotten = addressesOf(now).filter((address) => !addressesOf(old).includes(address));
  const lost =
    forgotten.length === 0
      ? ""
      : `; ${forgotten.slice(0, 10).join(", ")} ${forgotten.length === 1 ? "is" : "are"} not in it and still there: import or remove what is forgotten`;
  return { refused: null, told: `state ${kept.id} is back as serial ${serial}${lost}` };
}

/**
 * Puts a state of Fairway's own keeping aside that was cut off while it was written, beside where it was: with it the program
 * does not even begin, and there is nothing to be had from it that the kept one is to be held against. May be repeated.
 */
async function putDamagedAside({ ownState }: StackInFolder): Promise<void> {
  if (ownState === null) return;
  const text = await readFile(ownState, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });
  if (text !== null && text !== "" && !isWhole(text)) await rename(ownState, `${ownState}.damaged`);
}

const isSame = (one: StateJson, other: StateJson): boolean =>
  JSON.stringify({ ...one, serial: 0 }) === JSON.stringify({ ...other, serial: 0 });

const addressesOf = (state: StateJson | null): readonly string[] =>
  (state?.resources ?? [])
    .filter(({ mode }) => mode !== "data")
    .map(({ module, type, name }) => `${module === undefined ? "" : `${module}.`}${type ?? ""}.${name ?? ""}`);
