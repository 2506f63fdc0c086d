import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address, Hex } from "viem";
import { getAddress, isAddressEqual, recoverAddress } from "viem";
import type { SafeTransaction } from "../proposing/safe-transaction.ts";
import { safeTransactionHash } from "../proposing/safe-transaction.ts";
import { executionOf } from "../proposing/safe-wallet.ts";
import type { AnvilWorld } from "./anvil-world.ts";

/** What the double keeps of a transaction. */
interface Kept {
  readonly hash: Hex;
  readonly transaction: SafeTransaction;
  readonly signatures: Map<Address, Hex>;
  sentIn: Hex | null;
}

/**
 * A double of the Safe Transaction Service, over a real chain: it checks hashes and signatures as the service does, lets
 * delegates propose, counts owners' signatures alone, and learns from the chain what was executed.
 */
export interface SafeServiceDouble {
  readonly url: string;
  readonly kept: Map<Hex, Kept>;
  /** How often a proposal was posted, the same ones too. */
  readonly posted: Hex[];
  /** Adds an owner's signature, as the web interface would. */
  confirm(hash: Hex, owner: AnvilWorld["owners"][number]): Promise<void>;
  /** Has a transaction that somebody else proposed. */
  add(transaction: SafeTransaction): Promise<void>;
  /** Says that somebody has sent it. */
  sent(hash: Hex, transaction: Hex): void;
  close(): Promise<void>;
}

/** Starts one whose delegates are these. */
export async function safeServiceDouble(world: AnvilWorld, delegates: readonly Address[]): Promise<SafeServiceDouble> {
  const kept = new Map<Hex, Kept>();
  const posted: Hex[] = [];
  const owners = world.owners.map(({ address }) => address);
  const shown = async ({ hash, transaction, signatures, sentIn }: Kept): Promise<object> => {
    const execution = await executionOf(world, world.safe, hash, 0);
    return {
      ...{ ...transaction, safe: world.safe, safeTxHash: hash, nonce: String(transaction.nonce) },
      data: transaction.data === "0x" ? null : transaction.data,
      confirmations: [...signatures].map(([owner, signature]) => ({ owner, signature })),
      isExecuted: execution !== null,
      isSuccessful: execution?.isGood ?? null,
      transactionHash: execution?.transaction ?? sentIn,
    };
  };
  const answer = async (asked: IncomingMessage): Promise<readonly [status: number, body: object | null]> => {
    const { pathname, searchParams } = new URL(asked.url ?? "/", "http://service");
    const [, one] = /^\/v2\/multisig-transactions\/(0x[0-9a-f]{64})\/$/u.exec(pathname) ?? [];
    const found = one === undefined ? undefined : kept.get(one as Hex);
    if (one !== undefined) return found === undefined ? [404, {}] : [200, await shown(found)];
    if (pathname !== `/v2/safes/${world.safe}/multisig-transactions/`) return [404, {}];
    if (asked.method === "POST") return propose(JSON.parse(await textOf(asked)) as Posted);
    const all = await Promise.all([...kept.values()].map(shown));
    const wanted = searchParams.get("executed") === "true";
    const nonce = searchParams.get("nonce");
    const results = (all as { isExecuted: boolean; nonce: string }[])
      .filter((each) => each.isExecuted === wanted && (nonce === null || each.nonce === nonce))
      .toSorted((a, b) => Number(b.nonce) - Number(a.nonce));
    return [200, { count: results.length, results }];
  };
  interface Posted extends SafeTransaction {
    readonly contractTransactionHash: Hex;
    readonly sender: Address;
    readonly signature: Hex;
  }
  const propose = async ({
    contractTransactionHash,
    sender,
    signature,
    ...rest
  }: Posted): Promise<readonly [number, object | null]> => {
    const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = rest;
    const transaction = { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce };
    const hash = safeTransactionHash(world.chain, world.safe, transaction);
    if (hash !== contractTransactionHash)
      return [422, { nonFieldErrors: ["Contract-transaction-hash does not match"] }];
    const signer = await recoverAddress({ hash, signature });
    const isOwner = owners.some((owner) => isAddressEqual(owner, signer));
    if (!isAddressEqual(signer, sender) || !(isOwner || delegates.some((each) => isAddressEqual(each, signer))))
      return [422, { nonFieldErrors: [`Sender=${sender} is not an owner or delegate`] }];
    posted.push(hash);
    const own = kept.get(hash) ?? { hash, transaction, signatures: new Map(), sentIn: null };
    if (isOwner) own.signatures.set(getAddress(signer), signature);
    kept.set(hash, own);
    return [201, null];
  };
  const server = createServer((asked, answered) => {
    void answer(asked).then(([status, body]) => {
      answered.writeHead(status, { "content-type": "application/json" }).end(body === null ? "" : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, kept, posted },
    async confirm(hash, owner) {
      kept.get(hash)?.signatures.set(owner.address, await world.sign(owner, hash));
    },
    async add(transaction) {
      const hash = safeTransactionHash(world.chain, world.safe, transaction);
      kept.set(hash, { hash, transaction, signatures: new Map(), sentIn: null });
    },
    sent(hash, transaction) {
      const found = kept.get(hash);
      if (found) found.sentIn = transaction;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function textOf(asked: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of asked) parts.push(part as Buffer);
  return String(Buffer.concat(parts));
}
