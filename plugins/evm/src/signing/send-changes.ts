import type { ContractLedger, ContractProposal, Progress, Rollout } from "@fairway/core";
import type { Hex, TransactionReceipt, TransactionSerializableEIP1559 } from "viem";
import { keccak256, parseSignature, serializeTransaction } from "viem";
import type { ContractChange } from "../changing/planned-changes.ts";
import type { ChainConnection } from "../chain/chain-connection.ts";
import { chainError } from "../chain/chain-connection.ts";
import { hasRunOut } from "../chain/has-run-out.ts";
import type { ChainSigner } from "./chain-signer.ts";

/** How a transaction of a key of ours stands: still moving, on the chain, or given up. */
export type Sent =
  | { readonly state: "moving"; readonly message: string }
  | { readonly state: "done" }
  | { readonly state: "failed"; readonly reason: string };

/** With what transactions of a key are sent. */
export interface SendParts {
  readonly chain: ChainConnection;
  readonly ledger: ContractLedger;
  readonly signer: ChainSigner;
  readonly confirmations: number;
}

/** Signs the next call with a key of a test network, writes it down and sends it; the same bytes again after a crash. */
export async function sendNext(
  { chain, ledger, signer }: SendParts,
  rollout: Rollout,
  direction: ContractProposal["direction"],
  { to, data, text }: ContractChange,
): Promise<Progress | null> {
  const { client } = chain;
  const nonce = await client.getTransactionCount({ address: signer.address, blockTag: "latest" });
  let transaction: TransactionSerializableEIP1559;
  try {
    const gas = await client.estimateGas({ account: signer.address, to, data });
    const { maxFeePerGas, maxPriorityFeePerGas } = await client.estimateFeesPerGas();
    transaction = {
      ...{ type: "eip1559", chainId: chain.id, nonce, to, data, maxFeePerGas, maxPriorityFeePerGas },
      gas: (gas * 12n) / 10n,
    };
  } catch (thrown) {
    const words = wordsOf(thrown);
    if (/revert|out of gas|insufficient|gas required/iu.test(words))
      return {
        phase: "failed",
        reason: `${/out of gas|gas required/iu.test(words) ? "out of gas" : "reverted"}: ${text}: ${words}`,
      };
    throw chainError(text, thrown);
  }
  const signature = parseSignature(await signer.sign(keccak256(serializeTransaction(transaction))));
  const raw = serializeTransaction(transaction, signature);
  const proposal: ContractProposal = {
    ...{ rollout: rollout.id, environment: rollout.environment, service: rollout.service, direction, chain: chain.id },
    ...{ from: signer.address, nonce, hash: keccak256(raw), transaction: raw, calls: [text] },
    sinceBlock: Number(await client.getBlockNumber()),
    ...{ isPosted: false, included: null, reorged: 0, outcome: null },
  };
  const written = await ledger.open(rollout.token, proposal);
  return written === null
    ? {
        phase: "moving",
        message: `waits for its turn: another service sends with ${signer.address}`,
        checkAgainIn: 1_000,
      }
    : null;
}

/**
 * Sends what was written down, as often as it takes, and looks at what became of it. @param unsent What is done with what
 * no node knows: it is sent, or withdrawn.
 */
export async function followSent(
  { chain, ledger, confirmations }: SendParts,
  { token }: Rollout,
  proposal: ContractProposal,
  unsent: "send" | "withdraw" = "send",
): Promise<Sent> {
  const { client } = chain;
  const note = (change: Partial<ContractProposal>): Promise<void> => ledger.note(token, { ...proposal, ...change });
  const hash = proposal.hash as Hex;
  const first = await receiptOf(chain, hash);
  const nonce =
    first === null
      ? await client.getTransactionCount({ address: proposal.from as Hex, blockTag: "latest" })
      : proposal.nonce;
  // Its number may have been used by itself, between the two questions.
  const receipt = first === null && nonce > proposal.nonce ? await receiptOf(chain, hash) : first;
  if (receipt === null) {
    if (nonce > proposal.nonce) {
      await note({ outcome: "replaced" });
      return { state: "failed", reason: `replaced: another transaction had the number ${proposal.nonce}` };
    }
    if (proposal.included !== null) await note({ included: null, reorged: proposal.reorged + 1 });
    if (unsent === "withdraw") {
      if (await isKnown(chain, hash)) return { state: "moving", message: `on its way: ${proposal.calls.join("; ")}` };
      await note({ included: null, outcome: "withdrawn" });
      return { state: "failed", reason: `withdrawn: ${proposal.calls.join("; ")}` };
    }
    const refused = await resend(chain, proposal.transaction as Hex);
    if (refused === null) return { state: "moving", message: `sent: ${proposal.calls.join("; ")}` };
    await note({ outcome: "underpriced" });
    return { state: "failed", reason: `underpriced: ${refused}` };
  }
  const included = { block: Number(receipt.blockNumber), hash: receipt.blockHash, transaction: hash };
  if (receipt.status === "reverted") {
    await note({ included, outcome: "reverted" });
    const why = (await hasRunOut(client, receipt)) ? "out of gas" : "reverted";
    return { state: "failed", reason: `${why} in block ${included.block}: ${proposal.calls.join("; ")}` };
  }
  const standing = Number(await client.getBlockNumber()) - included.block + 1;
  await note({ included, isPosted: true, ...(standing < confirmations ? {} : { outcome: "executed" }) });
  return standing < confirmations
    ? { state: "moving", message: `${standing} of ${confirmations} confirmations: ${proposal.calls.join("; ")}` }
    : { state: "done" };
}

/** Null only where the node says that it has none: one that fails to answer has said nothing. */
const receiptOf = ({ client }: ChainConnection, hash: Hex): Promise<TransactionReceipt | null> =>
  client.getTransactionReceipt({ hash }).catch((thrown: unknown) => {
    if ((thrown as { readonly name?: unknown }).name === "TransactionReceiptNotFoundError") return null;
    throw chainError("what became of a transaction could not be read", thrown);
  });

/** Whether a node has a transaction, in a block or waiting for one. */
const isKnown = ({ client }: ChainConnection, hash: Hex): Promise<boolean> =>
  client.getTransaction({ hash }).then(
    () => true,
    (thrown: unknown) => {
      if ((thrown as { readonly name?: unknown }).name === "TransactionNotFoundError") return false;
      throw chainError("what became of a transaction could not be read", thrown);
    },
  );

/** Why a node will not take a transaction for what it pays; null where it has it. */
async function resend({ client }: ChainConnection, raw: Hex): Promise<string | null> {
  try {
    await client.sendRawTransaction({ serializedTransaction: raw });
    return null;
  } catch (thrown) {
    const words = wordsOf(thrown);
    if (/already known|already imported|nonce too low/iu.test(words)) return null;
    if (/underpriced|less than block base fee|max fee per gas/iu.test(words)) return words;
    throw chainError("a transaction could not be sent", thrown);
  }
}

const wordsOf = (thrown: unknown): string => {
  const { shortMessage = "", details = "" } = thrown as { shortMessage?: string; details?: string };
  return `${shortMessage} ${details}`.trim().slice(0, 400);
};
