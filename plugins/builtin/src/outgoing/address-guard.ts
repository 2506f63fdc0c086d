import type { AddressClass, UrlOrigin } from "./address-class.ts";
import { classOf, mayLeadTo, neverAsked } from "./address-class.ts";
import type { PrivatePlaces } from "./private-places.ts";
import { privatePlaces } from "./private-places.ts";

/** Which addresses requests may go to. */
export interface AddressGuard {
  /** Why a request to a host must not go to an address of it; null when it may. */
  readonly refusal: (address: string, host?: string) => AddressRefusal | null;
}

/** Why not, and what would change it. */
export interface AddressRefusal {
  readonly why: string;
  readonly hint: string | undefined;
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

const letIn = (address: string): string =>
  `if it is meant, whoever runs the daemon lets it in: fairway up --allow-private ${address}`;

/** Where an origin may lead, and the private places besides; none of them opens what nobody is asked at. */
export function addressGuard(places: PrivatePlaces = {}, origin: UrlOrigin = "outside"): AddressGuard {
  const isPrivatePlace = privatePlaces(places);
  return {
    refusal(address, host = address) {
      const found = classOf(address);
      if (found === null) return { why: `${JSON.stringify(address)} is no address`, hint: undefined };
      if (mayLeadTo(origin, found)) return null;
      const why = `${address} is ${words[found]}`;
      if (neverAsked.has(found)) return { why, hint: undefined };
      switch (isPrivatePlace(host, address)) {
        case "yes":
          return null;
        case "not allowed":
          return { why, hint: origin === "outside" ? letIn(address) : undefined };
        case "not expected":
          return { why, hint: "the configuration's allowPrivate names other ranges" };
      }
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
