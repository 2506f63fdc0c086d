import type { ChainPlacement, ContractProposal } from "@fairway/core";
import type { Address } from "viem";
import { getAddress } from "viem";
import type { Followed } from "./follow-proposal.ts";
import { followProposal } from "./follow-proposal.ts";
import type { ProposeParts } from "./propose.ts";
import { signedBy } from "./propose.ts";
import { rejection, safeTransactionHash } from "./safe-transaction.ts";

/**
 * Takes a proposal back that nobody wants any more. Whoever has the owners' signatures can execute it until its number has
 * passed on the chain, so it is only over then: the owners are asked to execute an empty transaction with that number. May be
 * repeated, until it has an outcome.
 */
export async function withdraw(
  parts: ProposeParts,
  proposal: ContractProposal,
  placement: Pick<ChainPlacement, "confirmations">,
): Promise<Followed> {
  const { chain, service } = parts;
  const safe: Address = getAddress(parts.safe.address);
  const found = await followProposal(chain, service, safe, proposal, placement);
  if (found.proposal.outcome === "rejected") return { ...found, proposal: { ...found.proposal, outcome: "withdrawn" } };
  if (found.proposal.outcome !== null || found.hasPassed) return found;
  // Nobody was ever shown it, so nobody can have signed it. Should it come late, the hourly look at the chain finds it.
  if (!found.proposal.isPosted)
    return {
      ...found,
      proposal: { ...found.proposal, outcome: "withdrawn" },
      message: "withdrawn: it was never posted",
    };
  const transaction = rejection(safe, proposal.nonce);
  const hash = safeTransactionHash(chain.id, safe, transaction);
  if ((await service.transaction(hash)) === null)
    await service.propose(safe, {
      ...{ transaction, hash },
      ...(await signedBy(parts, hash)),
      origin: JSON.stringify({ name: "Fairway", note: `in the place of ${proposal.hash}` }),
    });
  return {
    ...found,
    message: `withdrawn, can still be executed until number ${proposal.nonce} passes: the owners are asked to execute the empty transaction ${hash} in its place; ${found.message}`,
  };
}
