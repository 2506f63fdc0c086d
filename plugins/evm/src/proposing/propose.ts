import type { ContractLedger, ContractProposal, Rollout, SafePlacement } from "@fairway/core";
import type { Address, Hex } from "viem";
import { getAddress } from "viem";
import type { ContractChange } from "../changing/planned-changes.ts";
import type { ChainConnection } from "../chain/chain-connection.ts";
import type { ChainSigner } from "../signing/chain-signer.ts";
import type { SafeService } from "./safe-service.ts";
import type { SafeTransaction } from "./safe-transaction.ts";
import { safeTransaction, safeTransactionHash } from "./safe-transaction.ts";
import { safeWallet } from "./safe-wallet.ts";

export interface ProposeParts {
  readonly chain: ChainConnection;
  readonly ledger: ContractLedger;
  readonly service: SafeService;
  readonly safe: SafePlacement;
  readonly multiSend: string;
  /** A delegate of the owners. */
  readonly proposer: () => Promise<ChainSigner>;
}

/**
 * Writes a proposal down and posts it, in this order: who comes back after a crash finds the same one, whose hash the
 * service keeps once. Null while another service proposes to the same Safe, whose number it would take.
 */
export async function propose(
  parts: ProposeParts,
  rollout: Rollout,
  direction: ContractProposal["direction"],
  calls: readonly ContractChange[],
): Promise<ContractProposal | null> {
  const { chain, ledger, service, safe } = parts;
  const address = getAddress(safe.address);
  const wallet = await safeWallet(chain, address);
  const queued = await service.lastQueued(address);
  const nonce = Math.max(wallet?.nonce ?? 0, (queued ?? -1) + 1);
  const transaction = safeTransaction(calls, { multiSend: getAddress(parts.multiSend), nonce });
  const written = await ledger.open(rollout.token, {
    rollout: rollout.id,
    environment: rollout.environment,
    service: rollout.service,
    direction,
    chain: chain.id,
    from: address,
    nonce,
    hash: safeTransactionHash(chain.id, address, transaction),
    transaction: JSON.stringify(transaction),
    calls: calls.map(({ text }) => text),
    sinceBlock: Number(await chain.client.getBlockNumber()),
    isPosted: false,
    included: null,
    reorged: 0,
    outcome: null,
  });
  return written === null ? null : sincePosted(parts, rollout, written);
}

/**
 * A proposal that was written down, and is posted where that was not done yet. Who comes back after a crash looks first: what
 * the service has, or what has its number on the chain by now, is not posted a second time.
 */
export async function sincePosted(
  parts: ProposeParts,
  rollout: Rollout,
  proposal: ContractProposal,
): Promise<ContractProposal> {
  if (proposal.isPosted || proposal.outcome !== null) return proposal;
  const { chain, ledger, service, safe } = parts;
  const wallet = await safeWallet(chain, getAddress(safe.address));
  const isThere =
    (wallet !== null && wallet.nonce > proposal.nonce) || (await service.transaction(proposal.hash as Hex)) !== null;
  if (!isThere) return post(parts, rollout, proposal);
  const posted = { ...proposal, isPosted: true };
  await ledger.note(rollout.token, posted);
  return posted;
}

/** Posts what was written down. The service keeps the same one once. */
async function post(
  parts: ProposeParts,
  { token, environment, service: of, to }: Rollout,
  proposal: ContractProposal,
): Promise<ContractProposal> {
  const { ledger, service, safe } = parts;
  await service.propose(getAddress(safe.address), {
    transaction: JSON.parse(proposal.transaction) as SafeTransaction,
    hash: proposal.hash as Hex,
    ...(await signedBy(parts, proposal.hash as Hex)),
    origin: JSON.stringify({
      name: "Fairway",
      note: `${environment}/${of}: ${proposal.direction === "there" ? to : "the way back"}`,
    }),
  });
  const posted = { ...proposal, isPosted: true };
  await ledger.note(token, posted);
  return posted;
}

/** The proposer's word, which lets a proposal in and counts for none of the owners'. */
export async function signedBy(
  { proposer }: Pick<ProposeParts, "proposer">,
  hash: Hex,
): Promise<{ readonly sender: Address; readonly signature: Hex }> {
  const signer = await proposer();
  return { sender: signer.address, signature: await signer.sign(hash) };
}
