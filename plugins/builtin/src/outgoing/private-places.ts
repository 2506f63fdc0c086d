import { isIP } from "node:net";
import { listOf } from "./address-class.ts";

/** Which private addresses requests may go to. What nobody is ever asked at, none of it opens. */
export interface PrivatePlaces {
  /** What the operator lets in: ranges (`10.1.0.0/16`), addresses, and names of hosts, wherever those are. */
  readonly allowPrivate?: readonly string[] | undefined;
  /** What the configuration says of where a place is, as ranges: it opens nothing, and keeps from the rest. */
  readonly expected?: readonly string[] | undefined;
}

/** Whether an address of a host is one of those: `expected` is where the configuration says that it is elsewhere. */
export type PrivateAnswer = "yes" | "not allowed" | "not expected";

/** Reads the operator's words and the configuration's once. */
export function privatePlaces({
  allowPrivate = [],
  expected = [],
}: PrivatePlaces): (host: string, address: string) => PrivateAnswer {
  const isRange = (word: string): boolean => isIP(word.split("/")[0] ?? "") !== 0;
  const allowed = listOf(allowPrivate.filter(isRange));
  const hosts = new Set(allowPrivate.filter((word) => !isRange(word)).map(plain));
  const isExpected = listOf(expected);
  return (host, address) => {
    if (!allowed(address) && !hosts.has(plain(host))) return "not allowed";
    return expected.length === 0 || isExpected(address) ? "yes" : "not expected";
  };
}

/** A name is the same with a dot at its end, and however its letters are written. */
const plain = (host: string): string => host.toLowerCase().replace(/\.$/u, "");
