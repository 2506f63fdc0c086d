import type { ContractLedger, ContractProposal, Rollout, SafePlacement } from "@fairway/core";
import type { Address, Hex } from "viem";
import { getAddress } from "viem";
import type { ContractChange } from "../changing/plan-changes.ts";
import type { ChainConnection } from "../chain/chain-connection.ts";
import type { ChainSigner } from "../signing/chain-signer.ts";
import type { SafeService } from "./safe-service.ts";
import type { SafeTransaction } from "./safe-transaction.ts";
import { rejection, safeTransaction, safeTransactionHash } from "./safe-transaction.ts";
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
 * service keeps once.
 */
export async function propose(
  parts: ProposeParts,
  rollout: Rollout,
  direction: ContractProposal["direction"],
  calls: readonly ContractChange[],
): Promise<ContractProposal> {
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
  return post(parts, rollout, written);
}

/** Posts what was written down. May be repeated. */
export async function post(
  { ledger, service, safe, proposer }: ProposeParts,
  { token, environment, service: of, to }: Rollout,
  proposal: ContractProposal,
): Promise<ContractProposal> {
  const signer = await proposer();
  await service.propose(getAddress(safe.address), {
    transaction: JSON.parse(proposal.transaction) as SafeTransaction,
    hash: proposal.hash as Hex,
    sender: signer.address,
    signature: await signer.sign(proposal.hash as Hex),
    origin: JSON.stringify({
      name: "Fairway",
      note: `${environment}/${of}: ${proposal.direction === "there" ? to : "the way back"}`,
    }),
  });
  const posted = { ...proposal, isPosted: true };
  await ledger.note(token, posted);
  return posted;
}

/** Asks the owners to make a proposal impossible that nobody wants any more: an empty transaction with its number. */
export async function proposeRejection(
  { chain, service, safe, proposer }: ProposeParts,
  proposal: ContractProposal,
): Promise<void> {
  const address: Address = getAddress(safe.address);
  const transaction = rejection(address, proposal.nonce);
  const hash = safeTransactionHash(chain.id, address, transaction);
  const signer = await proposer();
  await service.propose(address, {
    transaction,
    hash,
    sender: signer.address,
    signature: await signer.sign(hash),
    origin: JSON.stringify({ name: "Fairway", note: `in the place of ${proposal.hash}` }),
  });
}
