/**
 * Proof of who acts. Durable steps run at least once and a frozen worker may thaw, so every effect that crosses a port
 * carries one, and whoever takes effects refuses an epoch below the highest it has seen for that scope.
 */
export interface FencingToken {
  /** What the epoch counts for: `production/api`. */
  readonly scope: string;
  /** Drawn from the environment's lock; only ever grows. */
  readonly epoch: number;
  /** Who draws it, for the record: `run-17/rollout:api/1`. */
  readonly holder: string;
}

/** Whether an effect with this token must be refused by someone who has already seen `seen`. */
export const isStale = (token: FencingToken, seen: number): boolean => token.epoch < seen;
