import type { ServiceContract } from "@fairway/core";
import type { Address } from "viem";
import { encodeFunctionData, getAddress, isAddressEqual } from "viem";
import { codeHash, metadataHash } from "../building/code-of.ts";
import { factory, madeAt, saltOf } from "../chain/known-addresses.ts";
import { nameWord } from "./chain-look.ts";
import { creationWith } from "./contract-words.ts";
import { placeInstance, placeUpgradeable } from "./place-contracts.ts";
import type { ChangeFacts, ContractChange, Draft, PlannedChanges } from "./planned-changes.ts";
import { emptyPlan, refuse } from "./planned-changes.ts";
import { registryAbi } from "./usual-abis.ts";

/** Compares a chain with what a release wants, and changes nothing. Where it finds nothing to do the chain has it all. */
export async function planChanges(facts: ChangeFacts): Promise<PlannedChanges> {
  const { placement, look } = facts;
  const plan = emptyPlan();
  const names = new Map<string, Address>([[`safe`, facts.by]]);
  if (((await look.codeAt(factory)) ?? "0x") === "0x")
    plan.problems.push(
      `chain ${placement.chain} has no deterministic deployment factory at ${factory}; it must be put there once`,
    );
  const registry = placement.registry === null ? null : getAddress(placement.registry);
  if (registry !== null && ((await look.codeAt(registry)) ?? "0x") === "0x")
    plan.problems.push(`there is no registry at ${registry}: no code`);
  if (plan.problems.length > 0) return plan;
  for (const contract of facts.service.contracts) await planOne(facts, registry, contract, names, plan);
  plan.back.reverse();
  return plan;
}

async function planOne(
  facts: ChangeFacts,
  registry: Address | null,
  contract: ServiceContract,
  names: Map<string, Address>,
  plan: Draft,
): Promise<void> {
  const { name } = contract;
  const build = facts.builds.find(contract.contract);
  if (build === null)
    return void refuse(
      plan,
      `${name}: the release has no contract ${contract.contract}; it has ${facts.builds.names.join(", ")}`,
    );
  if (build.linksLibraries)
    return void refuse(plan, `${name}: ${contract.contract} links libraries, which is not supported`);
  const creation = creationWith(build, contract.args, names);
  if ("problem" in creation) return void refuse(plan, `${name}: ${creation.problem}`);
  const entry = registry === null ? null : await facts.look.entryOf(registry, name);
  const written =
    facts.placement.addresses[name] ?? facts.versions[0]?.contracts.find((one) => one.name === name)?.address;
  const known = written === undefined ? entry : getAddress(written);
  const args = contract.args.map((word) => (word.startsWith("$") ? (names.get(word.slice(1)) ?? word) : word));
  const wanted = { args, creation: creation.value, address: madeAt(saltOf(contract.salt), creation.value) };
  const placed =
    contract.kind === "immutable" || contract.kind === "instance"
      ? await placeInstance(facts, contract, build, wanted, known, plan)
      : await placeUpgradeable(facts, contract, build, wanted, known, names, plan);
  if (placed === null) return;
  names.set(name, placed.address);
  plan.addresses.push({
    name,
    chain: facts.placement.chain,
    kind: contract.kind,
    codeHash: codeHash(build),
    metadataHash: metadataHash(build),
    args,
    ...placed,
  });
  if (registry !== null && (entry === null || !isAddressEqual(entry, placed.address)))
    nameIt(registry, name, entry, placed.address, plan);
}

function nameIt(registry: Address, name: string, was: Address | null, is: Address, plan: Draft): void {
  const change = (address: Address): ContractChange => {
    const data = encodeFunctionData({ abi: registryAbi, functionName: "setAddress", args: [nameWord(name), address] });
    return { to: registry, data, text: `registry ${registry}: setAddress("${name}", ${address})` };
  };
  plan.calls.push(change(is));
  if (was === null) plan.irreversible.push(`the registry has a name "${name}" from now on`);
  else plan.back.push(change(was));
}
