import type { Release, RunId } from "@fairway/core";
import { FairwayError, environmentOf } from "@fairway/core";
import type { RunPlan } from "../runs/stage.ts";
import { planVerificationRun } from "./verification-run.ts";

export interface CheckControlParts {
  /** The release that an environment runs. */
  readonly current: (environment: string) => Promise<Release | null>;
  readonly startRun: (plan: RunPlan, key?: string) => Promise<RunId>;
}

/** What is asked for. */
export interface VerificationRequest {
  readonly environment: string;
  /** Only these checks; all when null. A part of them never gives a release its word back. */
  readonly checks: readonly string[] | null;
  readonly by: string;
}

/** Checks of what runs, when they are asked for. */
export interface CheckControl {
  /** Asks an environment's checks of what runs there. Throws `not_found` and `not_allowed_now`. */
  verify(request: VerificationRequest, key?: string): Promise<RunId>;
}

export function checkControl(parts: CheckControlParts): CheckControl {
  return {
    async verify({ environment, checks, by }, key) {
      const release = await parts.current(environment);
      const known = release === null ? undefined : environmentOf(release.project, environment);
      if (release === null || known === undefined)
        throw new FairwayError("not_found", `${environment} runs nothing that could be verified`, {
          hint: `bring a release there first: fairway deploy ${environment}`,
        });
      const names = known.verify.map(({ name }) => name);
      const unknown = (checks ?? []).filter((name) => !names.includes(name));
      if (unknown.length > 0)
        throw new FairwayError("not_found", `${environment} has no check "${unknown.join('", "')}"`, {
          hint: names.length === 0 ? "write some under verify" : `it has ${names.join(", ")}`,
        });
      if (names.length === 0)
        throw new FairwayError("not_allowed_now", `${environment} has no checks in ${release.id}`, {
          hint: `write some in the configuration: environments.${environment}.verify`,
        });
      const asked = known.verify.filter(({ name }) => checks?.includes(name) ?? true);
      const input = { environment, release: release.id, checks: checks === null ? null : [...checks] };
      return parts.startRun(planVerificationRun(input, asked, by), key);
    },
  };
}
