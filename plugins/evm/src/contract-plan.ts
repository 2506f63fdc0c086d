import type { PlannedContracts, ReleaseId } from "@fairway/core";
import { gasChanges, readGasSnapshot } from "./building/gas-snapshot.ts";
import { chainAsked } from "./chain/chain-connection.ts";
import { planChanges } from "./changing/plan-changes.ts";
import { changesAndSafety } from "./changing/ready-to-change.ts";
import type { ContractTargetParts } from "./open-contracts.ts";
import { openContracts, proposeParts } from "./open-contracts.ts";
import { lateProposals } from "./proposing/late-proposals.ts";
import { safeWallet } from "./proposing/safe-wallet.ts";

/** What a release would change of a chain, decoded for whoever approves it. Reads the chain, and changes nothing. */
export const plannedContracts = (parts: ContractTargetParts, release: ReleaseId): Promise<PlannedContracts> =>
  chainAsked(() => planned(parts, release));

async function planned(parts: ContractTargetParts, release: ReleaseId): Promise<PlannedContracts> {
  const facts = await openContracts(parts, release);
  const { plan, problems, notes } = await changesAndSafety(parts, release, facts);
  const wallet = "safe" in facts.placement.by ? await safeWallet(facts.chain, facts.by) : null;
  return {
    service: parts.service,
    chain: facts.placement.chain,
    safe: wallet === null ? null : { address: facts.by, threshold: wallet.threshold, owners: wallet.owners.length },
    calls: plan.calls.map(({ text }) => text),
    ...(await gasOf(parts, release)),
    irreversible: [...plan.irreversible, ...notes],
    obstacles: problems,
  };
}

/** What the tests of a release take of gas, beside what those of the newest release that is there took. */
async function gasOf(parts: ContractTargetParts, release: ReleaseId): Promise<Pick<PlannedContracts, "gas">> {
  const [newest] = await parts.ledger.versions(parts.environment, parts.service);
  if (newest === undefined || newest.contracts.length === 0 || newest.release === release) return {};
  const snapshot = async (of: ReleaseId): Promise<string | null> => {
    const { folder, service } = await parts.wantedOf(of);
    return readGasSnapshot(folder, service.buildInfo);
  };
  const [before, after] = [await snapshot(newest.release), await snapshot(release)];
  return before === null || after === null ? {} : { gas: gasChanges(before, after) };
}

/**
 * What of a chain is not as the release left it: code, what proxies lead to, names in the registry; and what came late to its
 * Safe. Of contracts that were never put there only the latter can be known.
 */
export const contractDifferences = (parts: ContractTargetParts, release: ReleaseId): Promise<readonly string[]> =>
  chainAsked(async () => {
    const facts = await openContracts(parts, release);
    const isThere = (facts.versions[0]?.contracts.length ?? 0) > 0;
    const { calls, problems } = isThere ? await planChanges(facts) : { calls: [], problems: [] };
    const late = "safe" in facts.placement.by ? await lateProposals(await proposeParts(parts, facts), parts) : [];
    return [...problems, ...calls.map(({ text }) => `the chain lacks what this did: ${text}`), ...late];
  });
