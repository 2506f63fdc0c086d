import { BlockList, isIP } from "node:net";

/**
 * What is at an address: `public`, or a range of its own by IANA's registries of special addresses
 * (iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry). `wrapped` carries an IPv4 address within.
 */
export type AddressClass =
  | "public"
  | "private"
  | "loopback"
  | "reserved"
  | "wrapped"
  | "metadata"
  | "link-local"
  | "unspecified"
  | "many";

/**
 * Who wrote a URL. `outside`: the configuration, for what is on the internet. `within`: the configuration, for what often
 * is on a network of one's own. `operator`: whoever runs the daemon, in its environment.
 */
export type UrlOrigin = "outside" | "within" | "operator";

/** Ranges of each class; the first that has an address is its class. */
const ranges: readonly (readonly [AddressClass, readonly string[]])[] = [
  // Where clouds tell a machine its credentials: Azure, Alibaba, Oracle; Amazon's and Google's by IPv6. The rest is link-local.
  ["metadata", ["168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128"]],
  ["metadata", ["169.254.169.254/32", "169.254.170.2/32"]],
  ["link-local", ["169.254.0.0/16", "fe80::/10"]],
  ["unspecified", ["0.0.0.0/8", "::/128"]],
  ["many", ["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"]],
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  // 198.18.0.0/15 is for measuring, and what virtual machines and tunnels on one's own machine take.
  ["private", ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15"]],
  ["private", ["fc00::/7", "fec0::/10"]],
  ["wrapped", ["::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"]],
  ["reserved", ["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"]],
  ["reserved", ["2001::/32", "100::/64", "2001:db8::/32"]],
];

/** No origin and no setting leads there: nothing that anybody means to ask is there. */
export const neverAsked: ReadonlySet<AddressClass> = new Set(["metadata", "link-local", "unspecified", "many"]);

/** The whole rule: where a URL may lead by who wrote it, unless its range is allowed. */
const allowedFor: Readonly<Record<UrlOrigin, ReadonlySet<AddressClass>>> = {
  outside: new Set(["public"]),
  within: new Set(["public", "private", "loopback", "wrapped"]),
  operator: new Set(["public", "private", "loopback", "wrapped", "reserved"]),
};

/** Whether a URL may lead to addresses of a class. */
export const mayLeadTo = (origin: UrlOrigin, found: AddressClass): boolean => allowedFor[origin].has(found);

/** Ranges and addresses as two lists: in one list an IPv4 address would be looked for among those within IPv6 ones too. */
export function listOf(among: readonly string[]): (address: string) => boolean {
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const range of among) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address);
    // An address alone is a range of one: nothing after it must never be read as 0, which is everybody.
    if (family === 4) lists[4].addSubnet(address, bits === undefined ? 32 : Number(bits), "ipv4");
    if (family === 6) lists[6].addSubnet(address, bits === undefined ? 128 : Number(bits), "ipv6");
  }
  return (address) => (isIP(address) === 4 ? lists[4].check(address, "ipv4") : lists[6].check(address, "ipv6"));
}

const listed = ranges.map(([name, among]) => [name, listOf(among)] as const);

/** The class of an address; null for what is no address. What one carries within counts where nobody may go. */
export function classOf(address: string): AddressClass | null {
  if (isIP(address) === 0) return null;
  const [plain = ""] = address.split("%");
  const found = listed.find(([, has]) => has(plain))?.[0] ?? "public";
  if (found !== "wrapped") return found;
  const within = classOf(carriedBy(plain)) ?? "wrapped";
  return neverAsked.has(within) ? within : "wrapped";
}

/** The IPv4 address in one of IPv6: after the first two bytes (6to4, RFC 3056), or the last four bytes (RFC 6052). */
function carriedBy(address: string): string {
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups[0] === 0x20_02 ? groups.slice(1, 3) : groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address, however it is spelt. */
function groupsOf(address: string): readonly number[] {
  const spelt = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [left = [], right = []] = spelt.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
