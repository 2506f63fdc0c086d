import type { ChainPlacement, ContractProposal } from "@fairway/core";
import type { Address, Hex } from "viem";
import { isAddressEqual } from "viem";
import type { ChainConnection } from "../chain/chain-connection.ts";
import type { KnownTransaction, SafeService } from "./safe-service.ts";
import { executionOf, safeWallet } from "./safe-wallet.ts";

/** What a look at a proposal found: how it stands now, and what people read. */
export interface Followed {
  readonly proposal: ContractProposal;
  readonly message: string;
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
    if (known === null)
      return proposal.isPosted
        ? ended(back, "rejected", "rejected: its owners took it out of the Safe service")
        : { proposal: back, message: "being proposed" };
    return { proposal: back, message: await waitingWords(chain, safe, wallet, back, known) };
  }
  const execution = await executionOf(chain, safe, hash, proposal.sinceBlock);
  if (execution === null) return elsewhere(service, safe, takenBack(proposal));
  const included = { block: execution.block, hash: execution.blockHash, transaction: execution.transaction };
  const moved = proposal.included !== null && proposal.included.hash !== included.hash ? takenBack(proposal) : proposal;
  const now = { ...moved, included };
  const standing = Number(await chain.client.getBlockNumber()) - included.block + 1;
  if (standing < confirmations)
    return {
      proposal: now,
      message: `executed in block ${included.block}${reorgWords(now)}; ${standing} of ${confirmations} confirmations`,
    };
  return execution.isGood
    ? ended(now, "executed", `executed in block ${included.block}`)
    : ended(now, "reverted", `reverted: the Safe executed it in ${included.transaction}, and it failed there`);
}

const ended = (
  proposal: ContractProposal,
  outcome: NonNullable<ContractProposal["outcome"]>,
  message: string,
): Followed => ({ proposal: { ...proposal, outcome }, message });

/** The block that had it is none of the chain's any more. */
const takenBack = (proposal: ContractProposal): ContractProposal =>
  proposal.included === null ? proposal : { ...proposal, included: null, reorged: proposal.reorged + 1 };

const reorgWords = ({ reorged }: ContractProposal): string =>
  reorged === 0 ? "" : ` (reorged: the chain took ${reorged === 1 ? "a block" : `${reorged} blocks`} with it back)`;

/** Another transaction had its number. */
async function elsewhere(service: SafeService, safe: Address, proposal: ContractProposal): Promise<Followed> {
  const other = await service.executedWith(safe, proposal.nonce);
  if (other === null || other.safeTxHash.toLowerCase() === proposal.hash.toLowerCase())
    return { proposal, message: `its number ${proposal.nonce} was used; waiting to learn by what` };
  const isRejection = isAddressEqual(other.to, safe) && (other.data ?? "0x") === "0x" && other.value === "0";
  return isRejection
    ? ended(
        proposal,
        "rejected",
        `rejected: the owners executed an empty transaction with its number ${proposal.nonce}`,
      )
    : ended(
        proposal,
        "replaced",
        `replaced: the owners executed ${other.safeTxHash} with its number ${proposal.nonce}`,
      );
}

async function waitingWords(
  { client }: ChainConnection,
  safe: Address,
  {
    threshold,
    owners,
    nonce,
  }: { readonly threshold: number; readonly owners: readonly Address[]; readonly nonce: number },
  proposal: ContractProposal,
  { signed, transactionHash }: KnownTransaction,
): Promise<string> {
  const counted = owners.filter((owner) => signed.some((one) => isAddressEqual(one, owner))).length;
  const before = proposal.nonce - nonce;
  const words = [
    `${counted} of ${threshold} signatures on the Safe ${safe}, number ${proposal.nonce}`,
    ...(before > 0 ? [`${before} before it`] : []),
  ];
  if (counted >= threshold) words.push("an owner must execute it");
  if (transactionHash !== null) {
    const [sent, { baseFeePerGas }] = await Promise.all([
      client.getTransaction({ hash: transactionHash }).catch(() => null),
      client.getBlock(),
    ]);
    const most = sent?.maxFeePerGas ?? sent?.gasPrice;
    if (sent?.blockNumber === null && most !== undefined && baseFeePerGas !== null && most < baseFeePerGas)
      words.push(`underpriced: it was sent for ${most} wei a gas, and blocks take ${baseFeePerGas}`);
  }
  return `${words.join("; ")}${reorgWords(proposal)}`;
}
