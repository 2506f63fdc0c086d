import type { PublicClient, TransactionReceipt } from "viem";

/** As much as nodes try a call with. https://geth.ethereum.org/docs/fundamentals/command-line-options */
const muchGas = 50_000_000n;

/**
 * Whether a transaction that failed had too little gas: hardly any was left, and with more it would have gone through where it
 * stands. A call inside gets all gas but a 64th, which is left there. https://eips.ethereum.org/EIPS/eip-150
 */
export async function hasRunOut(
  client: PublicClient,
  { transactionHash, gasUsed, blockNumber }: TransactionReceipt,
): Promise<boolean> {
  const { from, to, input, value, gas } = await client.getTransaction({ hash: transactionHash });
  if (gasUsed === gas) return true;
  if (gasUsed * 10n < gas * 9n) return false;
  return client.call({ account: from, to, data: input, value, gas: muchGas, blockNumber: blockNumber - 1n }).then(
    () => true,
    () => false,
  );
}
