import type { Millis } from "@fairway/core";
import { codeOf, FairwayError } from "@fairway/core";
import type { EIP1193RequestFn, PublicClient, Transport } from "viem";
import { createPublicClient, fallback, http } from "viem";
import { nextTurn } from "./turns.ts";

/** A chain that is asked through whichever of its nodes answers. */
export interface ChainConnection {
  readonly id: number;
  readonly client: PublicClient;
  /** The same as JSON-RPC, for programs that speak it. */
  readonly request: EIP1193RequestFn;
}

export interface ConnectionOptions {
  readonly chain: number;
  readonly rpc: readonly string[];
  readonly requestsPerSecond: number;
}

/** Sends one request, as the web's fetch does. Its rejection has the refusal of an address among its causes. */
export type Send = (url: string | URL | Request, asked?: RequestInit) => Promise<Response>;

const patience: Millis = 10_000;

/**
 * Connects to a chain. Throws `not_allowed_now` where a node is of another chain, which no retry mends, and
 * `target_unreachable` where none answers, `bad_request` where none may be asked. Addresses of nodes may hold keys: only their
 * hosts are ever told.
 */
export async function connectChain(
  { chain, rpc, requestsPerSecond }: ConnectionOptions,
  send: Send = fetch,
): Promise<ChainConnection> {
  const transports = rpc.map((url) =>
    limited(
      http(url, { timeout: patience, retryCount: rpc.length > 1 ? 0 : 1, fetchFn: send }),
      requestsPerSecond,
      rpc.length > 1,
    ),
  );
  const ids = await Promise.allSettled(
    transports.map(async (transport) => createPublicClient({ transport }).getChainId()),
  );
  for (const [index, id] of ids.entries())
    if (id.status === "fulfilled" && id.value !== chain)
      throw new FairwayError(
        "not_allowed_now",
        `the node at ${hostOf(rpc[index])} is of chain ${id.value}, and the configuration says ${chain}`,
        { hint: "correct `chain` or `rpc` of the environment" },
      );
  const refusals = ids.map((id) => (id.status === "rejected" ? refusalIn(id.reason) : null));
  const [refusal = null] = refusals;
  if (refusal !== null && !refusals.includes(null)) throw refusal;
  if (ids.every(({ status }) => status === "rejected"))
    throw new FairwayError("target_unreachable", `no node of chain ${chain} answers: ${rpc.map(hostOf).join(", ")}`, {
      retryable: true,
      problems: refusals.flatMap((found) => (found === null ? [] : [found.message])),
      hint: "look at the node, or name another in `rpc`",
    });
  const client = createPublicClient({
    transport: fallback(transports, { retryCount: 0, shouldThrow: () => false }),
    pollingInterval: 250,
    // Of what was read a moment ago nothing may be taken for what is.
    cacheTime: 0,
  });
  return { id: chain, client, request: client.request };
}

/** Why an address was not asked at all, however deep a library has put it; null where it was asked. */
export function refusalIn(thrown: unknown): FairwayError | null {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (codeOf(error) === "bad_request") return error as FairwayError;
  return null;
}

const hostOf = (url = ""): string => (URL.canParse(url) ? new URL(url).host : "an address that is none");

/** How long a node that did not answer is passed over, where there are others. */
const passedOver: Millis = 30_000;

/** A node that is asked no more often than so; who comes early waits. One that is silent is left alone for a while. */
function limited(transport: Transport, perSecond: number, hasOthers: boolean): Transport {
  let free = 0;
  let silent: { readonly until: number; readonly thrown: unknown } | null = null;
  const turn = async (): Promise<void> => {
    const next = nextTurn(free, performance.now(), perSecond);
    ({ free } = next);
    if (next.wait > 0) await new Promise((resolve) => setTimeout(resolve, next.wait));
  };
  return (parameters) => {
    const made = transport(parameters);
    const request = (async (...given: Parameters<EIP1193RequestFn>) => {
      if (silent !== null && performance.now() < silent.until) throw silent.thrown;
      await turn();
      try {
        return await made.request(...given);
      } catch (thrown) {
        // What a node refuses it would refuse again; what did not reach it is asked of the next.
        const { name } = thrown as { readonly name?: unknown };
        if (hasOthers && (name === "HttpRequestError" || name === "TimeoutError"))
          silent = { until: performance.now() + passedOver, thrown };
        throw thrown;
      }
    }) as EIP1193RequestFn;
    return { ...made, request };
  };
}

/** What a node refused or failed at, without its address: `target_unreachable`, which may be over the next time. */
export const chainError = (what: string, thrown: unknown): FairwayError => {
  const short = (thrown as { readonly shortMessage?: unknown }).shortMessage;
  return new FairwayError("target_unreachable", `${what}: ${typeof short === "string" ? short : "the node failed"}`, {
    retryable: true,
  });
};

/**
 * Does what reads a chain. What a library throws names the address of the node, key and all: it becomes a
 * `target_unreachable` without it, and without it as a cause, which is kept on record, too.
 */
export async function chainAsked<Found>(work: () => Promise<Found>): Promise<Found> {
  try {
    return await work();
  } catch (thrown) {
    const isOfLibrary = codeOf(thrown) === undefined && "shortMessage" in Object(thrown);
    throw isOfLibrary ? chainError("the chain could not be read", thrown) : thrown;
  }
}
