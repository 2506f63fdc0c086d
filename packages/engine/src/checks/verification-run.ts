import type { EnvironmentCheck, Release } from "@fairway/core";
import type { RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";

/** What a verification is told. */
export interface VerificationInput {
  readonly environment: string;
  readonly release: Release["id"];
  /** Only these checks; all that the environment has when null. */
  readonly checks: readonly string[] | null;
}

export const verificationStageName = "verification";

/** A check that says no is asked again at least once: nothing is taken away for one bad moment. */
export const retriesOf = ({ retries = 0 }: EnvironmentCheck): number => Math.max(1, retries);

const minute = 60_000;

/** The run that asks an environment's checks again of what runs there. */
export function planVerificationRun(
  input: VerificationInput,
  checks: readonly EnvironmentCheck[],
  requestedBy: string,
): RunPlan {
  const timeout = checks.reduce((total, check) => total + check.timeout * (1 + retriesOf(check)), 5 * minute);
  return {
    kind: "verification",
    title: `verify ${input.release} in ${input.environment}`,
    subject: { environment: input.environment, release: input.release },
    requestedBy,
    jobs: [
      {
        name: "verify",
        stage: verificationStageName,
        needs: [],
        turn: "after-success",
        input: asJson(input),
        timeout,
      },
    ],
  };
}
