import type { PlannedContracts, ReleaseId, Target } from "@fairway/core";
import type { ContractTargetParts } from "./open-contracts.ts";

/** Smart contracts for a daemon. What speaks to chains is loaded when something needs it. */
export interface Evm {
  /** Nothing is loaded or asked before its first call. */
  contractTarget(place: ContractTargetParts): Target;
  /** What a release would change, decoded, and why it could not be. Reads the chain, and changes nothing. */
  plannedContracts(place: ContractTargetParts, release: ReleaseId): Promise<PlannedContracts>;
  /** What of the chain is not as the release left it, a sentence each. */
  contractDifferences(place: ContractTargetParts, release: ReleaseId): Promise<readonly string[]>;
}

/** Opens chains for a daemon. @param options What every target is given besides its place. */
export function openEvm(options: Pick<ContractTargetParts, "keyService" | "anvil" | "send"> = {}): Evm {
  return {
    contractTarget(place) {
      const opened = async (): Promise<Target> =>
        (await import("./contract-target.ts")).contractTarget({ ...options, ...place });
      return {
        kind: "contracts",
        strategies: new Set(["rolling"]),
        observe: async () => (await opened()).observe(),
        // The ledger is asked alone, so that nothing is loaded for it.
        fence: (token) => place.ledger.fence(token),
        advance: async (rollout, facts) => (await opened()).advance(rollout, facts),
        abort: async (rollout) => (await opened()).abort(rollout),
      };
    },
    plannedContracts: async (place, release) =>
      (await import("./contract-plan.ts")).plannedContracts({ ...options, ...place }, release),
    contractDifferences: async (place, release) =>
      (await import("./contract-plan.ts")).contractDifferences({ ...options, ...place }, release),
  };
}
