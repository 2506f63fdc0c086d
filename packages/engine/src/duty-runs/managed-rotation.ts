import { setTimeout as wait } from "node:timers/promises";
import type { ManagedRotation, Millis, RunId, SecretRotator } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { KeyProgramParts } from "./key-programs.ts";
import { keyPrograms } from "./key-programs.ts";
import type { RotationParts } from "./rotation-stage.ts";
import { storedRotation } from "./stored-rotation.ts";

/** What an exchange by somebody else's store is carried through with. */
export interface ManagedRotationParts extends KeyProgramParts {
  readonly rotator: SecretRotator | undefined;
  readonly redeploy: RotationParts["redeploy"];
  /** How a run ended, once it has. */
  readonly endOf: (run: RunId) => Promise<string>;
}

/** How long the store's own function may take, and between two looks. */
const within: Millis = 30 * 60_000;
const pause: Millis = 5_000;

/**
 * Has a store exchange one of its secrets, waits until it has, and gives it to those who use it. A daemon that is killed asks
 * for the same exchange again, which is one. What does not end leaves the old key in use; what nobody has seen through is no
 * whole exchange.
 */
export async function managedRotation(
  parts: ManagedRotationParts,
  attempt: Attempt,
  { duty, environment, by, sha }: Readonly<Record<"duty" | "environment" | "by" | "sha", string>>,
  rotation: ManagedRotation,
): Promise<Outcome> {
  const { rotator, redeploy, endOf } = parts;
  if (rotator === undefined)
    throw new FairwayError("not_allowed_now", `nobody here can have ${rotation.driver} exchange a secret`);
  const key = `rotation/${attempt.run}`;
  if (rotation.programs !== undefined && rotation.verify !== undefined) {
    const { argv: verify, ...told } = rotation.verify;
    const giveOut = async (): Promise<string> => {
      if (!rotation.consumed) return "succeeded";
      attempt.progress("giving it to the services");
      const run = await attempt.step("deploy", () =>
        redeploy({ environment, by, key: `rotation/${attempt.id}`, remedies: [duty] }),
      );
      return run === null ? "succeeded" : attempt.step("wait", () => endOf(run));
    };
    return storedRotation(
      {
        ...rotation.programs,
        ...{ verify, secret: rotation.secret, giveOut },
        exchange: rotator.own(rotation, key),
        programs: await keyPrograms(parts, attempt, { ...told, environment, sha }),
      },
      attempt,
    );
  }
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
  if (rotation.verify === undefined)
    return {
      outcome: "failed",
      reason: `${rotation.secret} was exchanged, and nobody has seen that the old key is refused: give it a \`verify\``,
      result: { before, now },
    };
  const { argv, ...told } = rotation.verify;
  const programs = await keyPrograms(parts, attempt, { ...told, environment, sha });
  const works = async (step: string, which: "current" | "previous"): Promise<boolean | null> => {
    const value = (await rotator.values(rotation))[which];
    return value === null ? null : programs.accepts(step, argv, value);
  };
  if ((await attempt.step("new works", () => works("new works", "current"))) !== true)
    return { outcome: "failed", reason: "the new key is refused", result: { before, now } };
  const old = await attempt.step("old is refused", () => works("old is refused", "previous"));
  if (old !== false) {
    const why = old === null ? "the old key is not there any more to be tried" : "the old key is still let in";
    return { outcome: "failed", reason: why, result: { before, now, new_works: true } };
  }
  return { outcome: "succeeded", result: { before, now, new_works: true, old_refused: true } };
}
