import { lookup as systemLookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { FairwayError } from "@fairway/core";
import type { UrlOrigin } from "./address-class.ts";
import { addressGuard, urlRefusal } from "./address-guard.ts";
import type { PrivatePlaces } from "./private-places.ts";

export interface ConnectionGuardOptions extends PrivatePlaces {
  /** Who wrote the URLs; `outside` when left out, which is the strictest. */
  readonly origin?: UrlOrigin;
  /** Names to addresses; the system's when left out. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/** Looks at addresses where connections are made. */
export interface ConnectionGuard {
  /** In place of the system's own: fails with `bad_request` unless every address of the name is allowed. */
  readonly lookup: LookupFunction;
  /** Throws `bad_request` for a URL that is refused as it is written; an address in it is never looked up. */
  check(url: URL): void;
  /**
   * For a library that makes its own connections: throws `bad_request` unless every address of a host is allowed now, and
   * what the system says of a name that it does not know.
   */
  checkHost(host: string): Promise<void>;
}

/**
 * The addresses of a host are looked at where the connection is made, and all of them: a name that answers with something
 * else the second time, or with two things, gets nowhere.
 */
export function connectionGuard(options: ConnectionGuardOptions = {}): ConnectionGuard {
  const { origin = "outside", resolve = resolveBySystem } = options;
  const guard = addressGuard(options, origin);
  const refused = (host: string, why: string, hint?: string): FairwayError =>
    new FairwayError("bad_request", `requests to ${host} are refused: ${why}`, { hint });
  const refusalAt = (host: string, address: string): FairwayError | null => {
    const found = guard.refusal(address, host);
    return found === null ? null : refused(host, found.why, found.hint);
  };
  return {
    lookup(host, wanted, answer) {
      resolve(host).then(
        (addresses) => {
          const [first] = addresses;
          if (first === undefined) return answer(new Error(`${host} has no address`), "");
          for (const { address } of addresses) {
            const refusal = refusalAt(host, address);
            if (refusal !== null) return answer(refusal, "");
          }
          if (wanted.all === true) answer(null, [...addresses]);
          else answer(null, first.address, first.family);
        },
        (thrown: unknown) => answer(thrown instanceof Error ? thrown : new Error(String(thrown)), ""),
      );
    },
    async checkHost(host) {
      const literal = host.replace(/^\[|\]$/gu, "");
      const addresses = isIP(literal) === 0 ? await resolve(host) : [{ address: literal }];
      for (const { address } of addresses) {
        const refusal = refusalAt(host, address);
        if (refusal !== null) throw refusal;
      }
    },
    check(url) {
      const problem = urlRefusal(url, origin);
      if (problem !== null) throw refused(url.hostname, problem);
      const literal = url.hostname.replace(/^\[|\]$/gu, "");
      const refusal = isIP(literal) === 0 ? null : refusalAt(url.hostname, literal);
      if (refusal !== null) throw refusal;
    },
  };
}

const resolveBySystem = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
