import type { Address } from "viem";
import { parseAbi } from "viem";
import type { AnvilWorld } from "./anvil-world.ts";

const abi = parseAbi(["function owner() view returns (address)"]);

/** Who owns a contract, as it says itself. Throws where there is none. */
export const ownerOf = ({ client }: Pick<AnvilWorld, "client">, contract: string): Promise<Address> =>
  client.readContract({ address: contract as Address, abi, functionName: "owner" });
