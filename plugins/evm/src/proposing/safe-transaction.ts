import type { Address, Hex } from "viem";
import { concatHex, encodeFunctionData, hashTypedData, numberToHex, parseAbi, size, zeroAddress } from "viem";
import type { ContractChange } from "../changing/planned-changes.ts";

/** A transaction of a Safe, as its owners sign it. https://github.com/safe-global/safe-smart-account */
export interface SafeTransaction {
  readonly to: Address;
  /** In wei, as a text. */
  readonly value: string;
  readonly data: Hex;
  /** 1 is a delegate call, which making several calls at once needs. */
  readonly operation: 0 | 1;
  readonly safeTxGas: string;
  readonly baseGas: string;
  readonly gasPrice: string;
  readonly gasToken: Address;
  readonly refundReceiver: Address;
  readonly nonce: number;
}

/** All changes as one transaction, so that none is there without the others. */
export function safeTransaction(
  changes: readonly ContractChange[],
  { multiSend, nonce }: { readonly multiSend: Address; readonly nonce: number },
): SafeTransaction {
  const [first, ...others] = changes;
  return {
    ...(first !== undefined && others.length === 0
      ? { to: first.to, data: first.data, operation: 0 }
      : { to: multiSend, data: together(changes), operation: 1 }),
    ...nothingBesides,
    nonce,
  };
}

/** What takes the place of a transaction that is not wanted any more: it has its number and does nothing. */
export const rejection = (safe: Address, nonce: number): SafeTransaction => ({
  ...{ to: safe, data: "0x", operation: 0 },
  ...nothingBesides,
  nonce,
});

const nothingBesides = {
  value: "0",
  safeTxGas: "0",
  baseGas: "0",
  gasPrice: "0",
  gasToken: zeroAddress,
  refundReceiver: zeroAddress,
} as const;

const multiSendAbi = parseAbi(["function multiSend(bytes transactions) payable"]);

/** https://github.com/safe-global/safe-smart-account/blob/v1.4.1/contracts/libraries/MultiSend.sol */
const together = (changes: readonly ContractChange[]): Hex =>
  encodeFunctionData({
    abi: multiSendAbi,
    functionName: "multiSend",
    args: [
      concatHex(
        changes.flatMap(({ to, data }) => [
          "0x00",
          to,
          numberToHex(0n, { size: 32 }),
          numberToHex(size(data), { size: 32 }),
          data,
        ]),
      ),
    ],
  });

const types = {
  SafeTx: [
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "data", type: "bytes" },
    { name: "operation", type: "uint8" },
    { name: "safeTxGas", type: "uint256" },
    { name: "baseGas", type: "uint256" },
    { name: "gasPrice", type: "uint256" },
    { name: "gasToken", type: "address" },
    { name: "refundReceiver", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

/** What owners sign of it, by EIP-712: the same for the same transaction of the same Safe on the same chain. */
export const safeTransactionHash = (chain: number, safe: Address, transaction: SafeTransaction): Hex =>
  hashTypedData({
    domain: { chainId: chain, verifyingContract: safe },
    types,
    primaryType: "SafeTx",
    message: {
      ...transaction,
      value: BigInt(transaction.value),
      safeTxGas: BigInt(transaction.safeTxGas),
      baseGas: BigInt(transaction.baseGas),
      gasPrice: BigInt(transaction.gasPrice),
      nonce: BigInt(transaction.nonce),
    },
  });
