import type { ServiceContract } from "@fairway/core";
import type { Address, Hex } from "viem";
import { encodeFunctionData } from "viem";
import type { ChainLook } from "./chain-look.ts";
import { callText } from "./contract-words.ts";
import type { ContractChange } from "./planned-changes.ts";
import { beaconAbi, proxyAdminAbi, uupsAbi } from "./usual-abis.ts";

/** What a proxy or beacon leads to, or why it is none. */
export async function leadsTo(
  look: ChainLook,
  { kind }: ServiceContract,
  known: Address,
): Promise<Address | { readonly problem: string }> {
  if (((await look.codeAt(known)) ?? "0x") === "0x") return { problem: `there is no code at ${known}` };
  const current = kind === "beacon" ? await look.beaconOf(known).catch(() => null) : await look.implementationOf(known);
  if (current === null)
    return {
      problem: `wrong code at ${known}: it is no ${kind === "beacon" ? "beacon" : "proxy, its EIP-1967 slot is empty"}`,
    };
  return current;
}

/** What makes a proxy or beacon lead elsewhere, each in the way of its kind. */
export async function upgradeCall(
  look: ChainLook,
  { name, kind }: ServiceContract,
  known: Address,
  implementation: Address,
  data: Hex,
): Promise<ContractChange | { readonly problem: string }> {
  switch (kind) {
    case "beacon": {
      if (data !== "0x") return { problem: "a beacon makes no call with its upgrade; leave `migrate` out" };
      const call = encodeFunctionData({ abi: beaconAbi, functionName: "upgradeTo", args: [implementation] });
      return { to: known, data: call, text: `${name} ${callText(known, beaconAbi, call)}` };
    }
    case "transparent": {
      const admin = await look.adminOf(known);
      if (admin === null) return { problem: `${known} has no administrator, so it is no transparent proxy` };
      const args = [known, implementation, data] as const;
      const call = encodeFunctionData({ abi: proxyAdminAbi, functionName: "upgradeAndCall", args });
      return { to: admin, data: call, text: `${name} ${callText(admin, proxyAdminAbi, call)}` };
    }
    case "uups":
    case "instance":
    case "immutable": {
      const args = [implementation, data] as const;
      const call = encodeFunctionData({ abi: uupsAbi, functionName: "upgradeToAndCall", args });
      return { to: known, data: call, text: `${name} ${callText(known, uupsAbi, call)}` };
    }
  }
}
