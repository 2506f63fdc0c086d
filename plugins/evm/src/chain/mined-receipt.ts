import { FairwayError } from "@fairway/core";
import type { Hex, PublicClient, TransactionReceipt } from "viem";

const patience = 60_000;
const pause = 20;

/**
 * The receipt of a transaction on a chain that makes a block for each, as anvil does. viem's own wait looks again when the
 * next block comes, and here none does: where the receipt came a moment after its block, it waited its three minutes. Throws
 * `target_unreachable` where none comes.
 */
export async function minedReceipt(client: PublicClient, hash: Hex): Promise<TransactionReceipt> {
  for (const end = performance.now() + patience; performance.now() < end;) {
    const receipt = await client.getTransactionReceipt({ hash }).catch((thrown: unknown) => {
      if ((thrown as { readonly name?: unknown }).name === "TransactionReceiptNotFoundError") return null;
      throw thrown;
    });
    if (receipt !== null) return receipt;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new FairwayError("target_unreachable", `the fork did not mine ${hash} in ${patience / 1000} s`, {
    retryable: true,
  });
}
