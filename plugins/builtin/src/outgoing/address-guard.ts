import type { AddressClass, UrlOrigin } from "./address-class.ts";
import { classOf, listOf, mayLeadTo, neverAsked } from "./address-class.ts";

/** Which addresses requests may go to. */
export interface AddressGuard {
  /** Why a request must not go to an address; null when it may. */
  readonly refusal: (address: string) => AddressRefusal | null;
}

/** Why not, and whether a range in the configuration would change it. */
export interface AddressRefusal {
  readonly why: string;
  readonly canBeAllowed: boolean;
}

const words: Readonly<Record<AddressClass, string>> = {
  public: "a public address",
  private: "a private address",
  loopback: "a private address: that of this machine",
  reserved: "a private address: reserved",
  wrapped: "a private address: it carries another one",
  metadata: "where a cloud tells a machine its credentials",
  "link-local": "a link-local address",
  unspecified: "the address of nobody",
  many: "an address of many",
};

/** Where an origin may lead, and to these private ranges, `10.1.0.0/16`; none of them opens what nobody is asked at. */
export function addressGuard(allowPrivate: readonly string[] = [], origin: UrlOrigin = "outside"): AddressGuard {
  const isAllowed = listOf(allowPrivate);
  return {
    refusal(address) {
      const found = classOf(address);
      if (found === null) return { why: `${JSON.stringify(address)} is no address`, canBeAllowed: false };
      const isNever = neverAsked.has(found);
      if (mayLeadTo(origin, found) || (!isNever && isAllowed(address))) return null;
      return { why: `${address} is ${words[found]}`, canBeAllowed: !isNever && origin === "outside" };
    },
  };
}

/** Why nothing is asked of this URL, whatever its host turns out to be; null when its host is to be looked at. */
export function urlRefusal(url: URL, origin: UrlOrigin = "outside"): string | null {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `${url.protocol} is not HTTP`;
  if (url.username !== "" || url.password !== "") return "a URL with a name or a password in it is shown to too many";
  const port = url.port === "" || origin !== "outside" ? null : Number(url.port);
  // Mail, databases and the like listen there and may take a request for something of theirs.
  return port !== null && port < 1024 && port !== 80 && port !== 443 ? `port ${port} is no port of HTTP` : null;
}
