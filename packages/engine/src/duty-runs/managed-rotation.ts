import { setTimeout as wait } from "node:timers/promises";
import type { ManagedRotation, Millis, RunId, SecretRotator } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { RotationParts } from "./rotation-stage.ts";

/** What an exchange by somebody else's store is carried through with. */
export interface ManagedRotationParts {
  readonly rotator: SecretRotator | undefined;
  readonly redeploy: RotationParts["redeploy"];
  /** How a run ended, once it has. */
  readonly endOf: (run: RunId) => Promise<string>;
}

/** How long the store's own function may take, and between two looks. */
const within: Millis = 30 * 60_000;
const pause: Millis = 5_000;

/**
 * Has a store exchange one of its secrets, waits until it has, and gives it to those who use it. A daemon that is killed asks for the
 * same exchange again, which is one. What does not end leaves the old key in use.
 */
export async function managedRotation(
  { rotator, redeploy, endOf }: ManagedRotationParts,
  attempt: Attempt,
  { duty, environment, by }: { readonly duty: string; readonly environment: string; readonly by: string },
  rotation: ManagedRotation,
): Promise<Outcome> {
  if (rotator === undefined)
    throw new FairwayError("not_allowed_now", `nobody here can have ${rotation.driver} exchange a secret`);
  const key = `rotation/${attempt.run}`;
  const before = await attempt.step("look", () => rotator.current(rotation));
  attempt.progress(`having ${rotation.secret} exchanged`);
  const until = await attempt.step("ask", async () => {
    await rotator.begin(rotation, key);
    return Date.now() + within;
  });
  const isOver = await attempt.step("exchanged", async () => {
    while (!(await rotator.isOver(rotation, key))) {
      if (Date.now() >= until) return false;
      await wait(pause, undefined, { signal: attempt.signal });
    }
    return true;
  });
  if (!isOver)
    return {
      outcome: "failed",
      reason: `${rotation.secret} was not exchanged within ${within / 60_000} minutes: the old key is in use; look at its function's log`,
    };
  const now = await attempt.step("now", () => rotator.current(rotation));
  if (rotation.consumed) {
    attempt.progress("giving it to the services");
    const run = await attempt.step("deploy", () =>
      redeploy({ environment, by, key: `rotation/${attempt.id}`, remedies: [duty] }),
    );
    const ended = run === null ? "succeeded" : await attempt.step("wait", () => endOf(run));
    if (ended !== "succeeded")
      return { outcome: "failed", reason: `the services did not get the new key: ${run} ${ended}` };
  }
  return { outcome: "succeeded", result: { before, now } };
}
