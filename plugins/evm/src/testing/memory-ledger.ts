import type { ContractLedger, ContractProposal, ContractVersion, FencingToken } from "@fairway/core";
import { FairwayError, isStale } from "@fairway/core";

/** A ledger that lasts as long as the test, and outlives the targets that use it. */
export function memoryLedger(): ContractLedger & {
  readonly proposals: Map<string, ContractProposal>;
  forget(): void;
} {
  const proposals = new Map<string, ContractProposal>();
  const kept: ContractVersion[] = [];
  const seen = new Map<string, number>();
  const take = (token: FencingToken): void => {
    if (isStale(token, seen.get(token.scope) ?? 0))
      throw new FairwayError("fenced", `${token.scope} has a newer holder`);
    seen.set(token.scope, token.epoch);
  };
  return {
    proposals,
    forget() {
      proposals.clear();
      kept.length = 0;
      seen.clear();
    },
    fence: async (token) => take(token),
    proposal: async (rollout, direction) => proposals.get(`${rollout}/${direction}`) ?? null,
    async open(token, proposal) {
      take(token);
      const key = `${proposal.rollout}/${proposal.direction}`;
      const isAnothersTurn = [...proposals.values()].some(
        ({ environment, service, chain, from, nonce, outcome, isPosted }) =>
          (environment !== proposal.environment || service !== proposal.service) &&
          chain === proposal.chain &&
          from === proposal.from &&
          outcome === null &&
          (!isPosted || nonce === proposal.nonce),
      );
      if (isAnothersTurn) return null;
      const known = proposals.get(key);
      const there = known === undefined || known.outcome === "executed" ? proposal : known;
      proposals.set(key, there);
      return there;
    },
    async note(token, proposal) {
      take(token);
      proposals.set(`${proposal.rollout}/${proposal.direction}`, proposal);
    },
    neverPosted: async (environment, service) =>
      [...proposals.values()].filter(
        (one) =>
          one.environment === environment && one.service === service && one.outcome === "withdrawn" && !one.isPosted,
      ),
    versions: async (environment, service) =>
      kept.filter((one) => one.environment === environment && one.service === service).toReversed(),
    async keep(token, version) {
      take(token);
      const own = kept.filter(
        ({ environment, service }) => environment === version.environment && service === version.service,
      );
      const last = own.at(-1);
      if (last?.release === version.release && JSON.stringify(last.contracts) === JSON.stringify(version.contracts))
        return;
      kept.push({ ...version, version: own.length + 1 });
    },
  };
}
