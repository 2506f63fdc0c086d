import { FairwayError } from "@fairway/core";
import type { Address, Hex } from "viem";
import { z } from "zod";
import type { Send } from "../chain/chain-connection.ts";
import { refusalIn } from "../chain/chain-connection.ts";
import type { SafeTransaction } from "./safe-transaction.ts";

/** A transaction as the service knows it. */
export interface KnownTransaction {
  readonly safeTxHash: Hex;
  readonly nonce: number;
  readonly to: Address;
  readonly data: Hex | null;
  readonly value: string;
  readonly signed: readonly Address[];
  readonly isExecuted: boolean;
  /** On chain, or on its way there; null where nobody has sent it. */
  readonly transactionHash: Hex | null;
}

/** The Safe Transaction Service, where owners find what they are asked to sign. https://docs.safe.global/core-api */
export interface SafeService {
  /** May be repeated: the same transaction is kept once. Throws `denied` where the proposer is none. */
  propose(safe: Address, proposal: SafeProposal): Promise<void>;
  /** Null where the service has none, or has it no more. */
  transaction(safeTxHash: Hex): Promise<KnownTransaction | null>;
  /** The highest number that waits; null where none does. */
  lastQueued(safe: Address): Promise<number | null>;
  /** What was executed with this number; null where nothing was. */
  executedWith(safe: Address, nonce: number): Promise<KnownTransaction | null>;
}

export interface SafeProposal {
  readonly transaction: SafeTransaction;
  readonly hash: Hex;
  readonly sender: Address;
  readonly signature: Hex;
  readonly origin: string;
}

const answered = z.object({
  safeTxHash: z.string(),
  nonce: z.coerce.number(),
  to: z.string(),
  data: z.string().nullable(),
  value: z.string(),
  confirmations: z.array(z.object({ owner: z.string() })).nullish(),
  isExecuted: z.boolean(),
  transactionHash: z.string().nullable(),
});
const list = z.object({ results: z.array(answered) });

/** Speaks to the service at this base URL. Its answers are checked; a page of them is enough for what is asked. */
export function safeService(url: string, apiKey: string | null, send: Send = fetch): SafeService {
  const host = new URL(url).host;
  const ask = async (path: string, body?: object): Promise<Response> => {
    try {
      const response = await send(`${url.replace(/\/$/u, "")}${path}`, {
        method: body === undefined ? "GET" : "POST",
        redirect: "error",
        signal: AbortSignal.timeout(20_000),
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status < 500 && response.status !== 429) return response;
      throw new FairwayError("target_unreachable", `the Safe service at ${host} answered ${response.status}`, {
        retryable: true,
      });
    } catch (cause) {
      if ((cause as { readonly code?: unknown }).code === "target_unreachable") throw cause;
      const refusal = refusalIn(cause);
      if (refusal !== null) throw refusal;
      throw new FairwayError("target_unreachable", `the Safe service at ${host} does not answer`, { retryable: true });
    }
  };
  const refused = async (what: string, response: Response): Promise<never> => {
    throw new FairwayError(
      response.status === 401 || response.status === 403 ? "denied" : "bad_request",
      `the Safe service at ${host} refused ${what}: ${response.status} ${(await response.text()).slice(0, 400)}`,
      { hint: "look at the Safe's delegates and the API key: the proposer must be a delegate of an owner" },
    );
  };
  const read = async (path: string): Promise<readonly KnownTransaction[]> => {
    const response = await ask(path);
    return response.ok ? list.parse(await response.json()).results.map(known) : refused("a question", response);
  };
  return {
    async propose(safe, { transaction, hash, sender, signature, origin }) {
      const body = { ...transaction, contractTransactionHash: hash, sender, signature, origin };
      const response = await ask(`/v2/safes/${safe}/multisig-transactions/`, body);
      if (!response.ok) await refused("the proposal", response);
    },
    async transaction(hash) {
      const response = await ask(`/v2/multisig-transactions/${hash}/`);
      if (response.status === 404) return null;
      return response.ok ? known(answered.parse(await response.json())) : refused("a question", response);
    },
    async lastQueued(safe) {
      const [last] = await read(`/v2/safes/${safe}/multisig-transactions/?executed=false&ordering=-nonce&limit=1`);
      return last?.nonce ?? null;
    },
    async executedWith(safe, nonce) {
      const found = await read(`/v2/safes/${safe}/multisig-transactions/?executed=true&nonce=${nonce}&limit=1`);
      return found.find((one) => one.nonce === nonce && one.isExecuted) ?? null;
    },
  };
}

const known = ({
  safeTxHash,
  nonce,
  to,
  data,
  value,
  confirmations,
  isExecuted,
  transactionHash,
}: z.infer<typeof answered>): KnownTransaction => ({
  safeTxHash: safeTxHash as Hex,
  nonce,
  to: to as Address,
  data: data as Hex | null,
  value,
  signed: (confirmations ?? []).map(({ owner }) => owner as Address),
  isExecuted,
  transactionHash: transactionHash as Hex | null,
});
