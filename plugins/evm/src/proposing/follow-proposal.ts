import type { ChainPlacement, ContractProposal } from "@fairway/core";
import type { Address, Hex } from "viem";
import { isAddressEqual } from "viem";
import type { ChainConnection } from "../chain/chain-connection.ts";
import { hasRunOut } from "../chain/has-run-out.ts";
import type { KnownTransaction, SafeService } from "./safe-service.ts";
import type { SafeWallet } from "./safe-wallet.ts";
import { executionOf, safeWallet } from "./safe-wallet.ts";

/** What a look at a proposal found: how it stands now, and what people read. */
export interface Followed {
  readonly proposal: ContractProposal;
  readonly message: string;
  /** Whether its number has passed on the chain, by itself or by another: nobody can execute it any more. */
  readonly hasPassed: boolean;
}

/**
 * Looks at what became of a Safe transaction: on the chain first, which alone counts, and at the service for the rest. A
 * block that had it and is gone is told of, and it waits again.
 */
export async function followProposal(
  chain: ChainConnection,
  service: SafeService,
  safe: Address,
  proposal: ContractProposal,
  { confirmations }: Pick<ChainPlacement, "confirmations">,
): Promise<Followed> {
  const { nonce } = proposal;
  const hash = proposal.hash as Hex;
  const wallet = await safeWallet(chain, safe);
  if (wallet === null) return ended(proposal, "replaced", `there is no Safe at ${safe} any more`);
  if (wallet.nonce <= nonce) {
    const back = takenBack(proposal);
    const known = await service.transaction(hash);
    if (known === null) return missing(back, wallet.threshold);
    const seen = { ...back, isPosted: true, signatures: signaturesOf(wallet, known) };
    return { proposal: seen, message: await waitingWords(chain, safe, wallet, seen, known), hasPassed: false };
  }
  const execution = await executionOf(chain, safe, hash, proposal.sinceBlock);
  if (execution === null) return elsewhere(chain, service, safe, takenBack(proposal), confirmations);
  const included = { block: execution.block, hash: execution.blockHash, transaction: execution.transaction };
  const moved = proposal.included !== null && proposal.included.hash !== included.hash ? takenBack(proposal) : proposal;
  const now = { ...moved, included };
  const standing = await standingOn(chain, included.block);
  if (standing < confirmations)
    return {
      proposal: now,
      message: `executed in block ${included.block}${reorgWords(now)}; ${standing} of ${confirmations} confirmations`,
      hasPassed: true,
    };
  return execution.isGood
    ? ended(now, "executed", `executed in block ${included.block}`)
    : ended(now, "reverted", `reverted: the Safe executed it in ${included.transaction}, and it failed there`);
}

/** How many blocks stand on one, itself among them. */
const standingOn = async ({ client }: ChainConnection, block: number): Promise<number> =>
  Number(await client.getBlockNumber()) - block + 1;

const signaturesOf = ({ owners }: Pick<SafeWallet, "owners">, { signed }: KnownTransaction): number =>
  owners.filter((owner) => signed.some((one) => isAddressEqual(one, owner))).length;

/** The service does not have it, or has it no more. Who kept enough signatures can execute it all the same. */
function missing(proposal: ContractProposal, threshold: number): Followed {
  if (!proposal.isPosted) return { proposal, message: "being proposed", hasPassed: false };
  return (proposal.signatures ?? 0) < threshold
    ? ended(proposal, "rejected", "rejected: its owners took it out of the Safe service")
    : {
        proposal,
        message: `its owners took it out of the Safe service, and enough had signed: it can still be executed until number ${proposal.nonce} passes`,
        hasPassed: false,
      };
}

const ended = (
  proposal: ContractProposal,
  outcome: NonNullable<ContractProposal["outcome"]>,
  message: string,
): Followed => ({ proposal: { ...proposal, outcome }, message, hasPassed: true });

/** The block that had it is none of the chain's any more. */
const takenBack = (proposal: ContractProposal): ContractProposal =>
  proposal.included === null ? proposal : { ...proposal, included: null, reorged: proposal.reorged + 1 };

const reorgWords = ({ reorged }: ContractProposal): string =>
  reorged === 0 ? "" : ` (reorged: the chain took ${reorged === 1 ? "a block" : `${reorged} blocks`} with it back)`;

/** Another transaction had its number; it is over once enough blocks stand on that one. */
async function elsewhere(
  chain: ChainConnection,
  service: SafeService,
  safe: Address,
  proposal: ContractProposal,
  confirmations: number,
): Promise<Followed> {
  const { nonce } = proposal;
  const other = await service.executedWith(safe, nonce);
  if (other === null || other.safeTxHash.toLowerCase() === proposal.hash.toLowerCase())
    return { proposal, message: `its number ${nonce} was used; waiting to learn by what`, hasPassed: true };
  const isRejection = isAddressEqual(other.to, safe) && (other.data ?? "0x") === "0x" && other.value === "0";
  const words = isRejection
    ? `rejected: the owners executed an empty transaction with its number ${nonce}`
    : `replaced: the owners executed ${other.safeTxHash} with its number ${nonce}`;
  const execution = await executionOf(chain, safe, other.safeTxHash, proposal.sinceBlock);
  const standing = execution === null ? 0 : await standingOn(chain, execution.block);
  return standing < confirmations
    ? { proposal, message: `${words}; ${standing} of ${confirmations} confirmations`, hasPassed: true }
    : ended(proposal, isRejection ? "rejected" : "replaced", words);
}

async function waitingWords(
  chain: ChainConnection,
  safe: Address,
  { threshold, nonce }: SafeWallet,
  proposal: ContractProposal,
  { transactionHash }: KnownTransaction,
): Promise<string> {
  const { signatures = 0 } = proposal;
  const before = proposal.nonce - nonce;
  return [
    `${signatures} of ${threshold} signatures on the Safe ${safe}, number ${proposal.nonce}`,
    ...(before > 0 ? [`${before} before it`] : []),
    ...(signatures >= threshold ? ["an owner must execute it"] : []),
    ...(transactionHash === null ? [] : await sentWords(chain, transactionHash)),
  ]
    .join("; ")
    .concat(reorgWords(proposal));
}

/** What became of a transaction with which somebody tried to execute it: it waits for its price, or failed as a whole. */
async function sentWords({ client }: ChainConnection, hash: Hex): Promise<readonly string[]> {
  const sent = await orNull(client.getTransaction({ hash }), "TransactionNotFoundError");
  if (sent === null) return [`it was sent in ${hash}, which no node has now: it paid too little, or was dropped`];
  if (sent.blockNumber === null) {
    // Of the next block; the newest one's where a node tells nothing of that.
    const { baseFeePerGas } = await client.getBlock({ blockTag: "pending" }).catch(() => client.getBlock());
    const most = sent.maxFeePerGas ?? sent.gasPrice;
    return most !== undefined && baseFeePerGas !== null && most < baseFeePerGas
      ? [`underpriced: it was sent for ${most} wei a gas, and blocks take ${baseFeePerGas}`]
      : [`sent in ${hash}`];
  }
  const receipt = await orNull(client.getTransactionReceipt({ hash }), "TransactionReceiptNotFoundError");
  if (receipt?.status !== "reverted") return [];
  // A Safe whose call fails takes all of it back, its number too, so that it can be tried again.
  const why = (await hasRunOut(client, receipt)) ? "out of gas" : "reverted";
  return [`${why} in ${hash}: all of it was taken back, and it can be executed again`];
}

/** Null where the node says that it has none; what else it fails at is thrown. */
const orNull = <Found>(asked: Promise<Found>, name: string): Promise<Found | null> =>
  asked.catch((thrown: unknown) => {
    if ((thrown as { readonly name?: unknown }).name === name) return null;
    throw thrown;
  });
