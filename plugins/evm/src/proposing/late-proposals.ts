import type { ContractProposal } from "@fairway/core";
import type { Hex } from "viem";
import { getAddress, isAddressEqual } from "viem";
import type { ProposeParts } from "./propose.ts";
import { safeWallet } from "./safe-wallet.ts";

/**
 * What was withdrawn because the service did not have it, and has come there after all: a worker that stood still had its
 * request under way. It can be executed until its number has passed on the chain, so it is looked for until then. A sentence
 * each.
 */
export async function lateProposals(
  { chain, service, safe, ledger }: ProposeParts,
  of: {
    readonly environment: string;
    readonly service: string;
  },
): Promise<readonly string[]> {
  const address = getAddress(safe.address);
  const withdrawn = await ledger.neverPosted(of.environment, of.service);
  const here = withdrawn.filter((one) => one.chain === chain.id && isAddressEqual(getAddress(one.from), address));
  if (here.length === 0) return [];
  const nonce = (await safeWallet(chain, address))?.nonce ?? 0;
  const open = here.filter((one) => one.nonce >= nonce);
  const found = await Promise.all(open.map(async ({ hash }) => service.transaction(hash as Hex)));
  return open.filter((_one, index) => found[index] !== null).map(sentenceOf);
}

const sentenceOf = ({ hash, nonce, calls }: ContractProposal): string =>
  `${hash} was withdrawn and came to the Safe service after that, and can be executed until number ${nonce} passes: have the owners reject it (${calls.join("; ")})`;
