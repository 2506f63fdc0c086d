import { BlockList, isIP } from "node:net";
import { FairwayError } from "@fairway/core";

/** Whether what an address says of whom it speaks for is believed. */
export type Trusts = (address: string) => boolean;

/**
 * Reads `10.0.0.0/8, 192.168.1.5`. Whoever trusts everybody lets everybody say who they are, so ranges wider than a private
 * network are refused. Throws `bad_request`.
 */
export function trustedProxies(written: string): Trusts {
  const list = new BlockList();
  for (const word of written.split(/[\s,]+/).filter((one) => one !== "")) addTo(list, word);
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
  };
}

/** 10.0.0.0/8 and fc00::/7 are the widest ranges that one owner has. */
const widest = { 4: 8, 6: 7 } as const;

function addTo(list: BlockList, word: string): void {
  const [, address = "", bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(word) ?? [];
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (family === 0 || prefix > most)
    throw new FairwayError("bad_request", `--trusted-proxies has "${word}", which is no address and no range`, {
      hint: "like 10.0.0.0/8, or the proxy's own address",
    });
  if (prefix < widest[family as 4 | 6])
    throw new FairwayError("bad_request", `--trusted-proxies would believe ${word}, which is nearly everybody`, {
      hint: "name the proxy's own address, or its network",
    });
  list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
}
