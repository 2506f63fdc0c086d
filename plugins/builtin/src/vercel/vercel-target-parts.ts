import type { HostedBundle, HostedLedger, Progress, ReleaseId, Rollout, VercelPlacement } from "@fairway/core";
import type { PlatformApi } from "../hosted/platform-api.ts";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import type { Refused } from "./vercel-moves.ts";
import { failed } from "./vercel-readiness.ts";

/** What a target on Vercel is made of. */
export interface VercelTargetParts {
  readonly placement: VercelPlacement;
  /** Its name in the ledger. */
  readonly scope: string;
  readonly ledger: HostedLedger;
  readonly api: PlatformApi;
  /** Asks pages for their headers. */
  readonly outgoing: GuardedFetch;
  readonly bundleOf: (release: ReleaseId) => Promise<HostedBundle>;
  /** How often pages did not answer as they must, by rollout; losing it costs looks and nothing else. */
  readonly looks: Map<string, number>;
  readonly signal?: AbortSignal | undefined;
}

const refusalsInARow = 5;

/** A rollout to Vercel that is under way, looked at again after the time between two looks. */
export const moving = (
  { placement }: Pick<VercelTargetParts, "placement">,
  message: string,
  weight?: number,
): Extract<Progress, { phase: "moving" }> => ({
  phase: "moving",
  message,
  checkAgainIn: placement.poll,
  ...(weight === undefined ? {} : { weight }),
});

/**
 * What was asked for shows at the next look. A "no" to what may have happened already is asked about again: whoever asked
 * first may have had no answer.
 */
export function asked(
  parts: Pick<VercelTargetParts, "placement" | "looks">,
  { id }: Pick<Rollout, "id">,
  refused: Refused,
  message: string,
  weight?: number,
): Progress {
  const key = `${id} refused`;
  if (refused === null) {
    parts.looks.delete(key);
    return moving(parts, message, weight);
  }
  const times = (parts.looks.get(key) ?? 0) + 1;
  parts.looks.set(key, times);
  if (refused.mayPass && times < refusalsInARow) return moving(parts, `${message}: ${refused.sentence}`, weight);
  parts.looks.delete(key);
  return failed(refused.sentence);
}
