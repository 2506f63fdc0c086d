import { BlockList, isIP } from "node:net";

/** Ranges that are nobody's on the internet: this machine, networks of houses and clouds, and ways around those. */
const ownRanges: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "::1/128",
  // What carries an IPv4 address within: what is inside is not looked at, so none is taken.
  "::/96",
  "::ffff:0:0/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2002::/16",
  "2001::/32",
  "100::/64",
  "2001:db8::/32",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

/** Which addresses requests may go to. */
export interface AddressGuard {
  /** Why a request must not go to an address; null when it may. */
  readonly refusal: (address: string) => string | null;
}

/** Public addresses, and of the others those in these ranges: `10.1.0.0/16`. */
export function addressGuard(allowPrivate: readonly string[] = []): AddressGuard {
  // One list for each family: in one list an IPv4 address would be looked for among those within IPv6 ones too.
  const own = { 4: listOf(ownRanges, 4), 6: listOf(ownRanges, 6) };
  const allowed = { 4: listOf(allowPrivate, 4), 6: listOf(allowPrivate, 6) };
  return {
    refusal(address) {
      const family = isIP(address);
      if (family !== 4 && family !== 6) return `${JSON.stringify(address)} is no address`;
      const kind = family === 4 ? "ipv4" : "ipv6";
      if (allowed[family].check(address, kind)) return null;
      return own[family].check(address, kind) ? `${address} is a private address` : null;
    },
  };
}

function listOf(ranges: readonly string[], family: 4 | 6): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits = ""] = range.split("/");
    if (isIP(address) !== family) continue;
    list.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/** Why nothing is asked of this URL, whatever its host turns out to be; null when its host is to be looked at. */
export function urlRefusal(url: URL): string | null {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `${url.protocol} is not HTTP`;
  if (url.username !== "" || url.password !== "") return "a URL with a name or a password in it is shown to too many";
  const port = url.port === "" ? null : Number(url.port);
  // Mail, databases and the like listen there and may take a request for something of theirs.
  return port !== null && port < 1024 && port !== 80 && port !== 443 ? `port ${port} is no port of HTTP` : null;
}
