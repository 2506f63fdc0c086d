import type { Address, Hex, Log } from "viem";
import { getAddress, isAddressEqual, parseAbi, toEventSelector } from "viem";
import type { ChainConnection } from "../chain/chain-connection.ts";

const abi = parseAbi([
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
]);
const succeeded = toEventSelector("event ExecutionSuccess(bytes32 txHash, uint256 payment)");
const failed = toEventSelector("event ExecutionFailure(bytes32 txHash, uint256 payment)");

/** A Safe as the chain has it. */
export interface SafeWallet {
  readonly nonce: number;
  readonly threshold: number;
  readonly owners: readonly Address[];
}

/** Reads a Safe; null where there is none at this address. */
export async function safeWallet(
  { client }: Pick<ChainConnection, "client">,
  address: Address,
): Promise<SafeWallet | null> {
  if (((await client.getCode({ address })) ?? "0x") === "0x") return null;
  const [nonce, threshold, owners] = await Promise.all([
    client.readContract({ address, abi, functionName: "nonce" }),
    client.readContract({ address, abi, functionName: "getThreshold" }),
    client.readContract({ address, abi, functionName: "getOwners" }),
  ]);
  return { nonce: Number(nonce), threshold: Number(threshold), owners: owners.map((owner) => getAddress(owner)) };
}

/** How a Safe's transaction went, in which block. */
export interface Execution {
  readonly isGood: boolean;
  readonly block: number;
  readonly blockHash: Hex;
  readonly transaction: Hex;
}

/** Nodes answer for so many blocks at once. */
const blocksAtOnce = 5_000;

/** Where a Safe's transaction was executed; null where it was not, since that block. */
export async function executionOf(
  { client }: Pick<ChainConnection, "client">,
  safe: Address,
  hash: Hex,
  sinceBlock: number,
): Promise<Execution | null> {
  const last = Number(await client.getBlockNumber());
  for (let from = sinceBlock; from <= last; from += blocksAtOnce) {
    const logs = await client.getLogs({
      address: safe,
      fromBlock: BigInt(from),
      toBlock: BigInt(Math.min(last, from + blocksAtOnce - 1)),
    });
    const found = logs.find((log) => isAddressEqual(log.address, safe) && tells(log, hash));
    if (found?.blockNumber && found.blockHash && found.transactionHash)
      return {
        isGood: found.topics[0] === succeeded,
        block: Number(found.blockNumber),
        blockHash: found.blockHash,
        transaction: found.transactionHash,
      };
  }
  return null;
}

/** From 1.4 on the hash is a topic of its own; before it is the first word of the data. */
const tells = ({ topics, data }: Log, hash: Hex): boolean =>
  (topics[0] === succeeded || topics[0] === failed) &&
  (topics[1] ?? data.slice(0, 66)).toLowerCase() === hash.toLowerCase();
