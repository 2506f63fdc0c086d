import type {
  ChainPlacement,
  ContractAddress,
  ContractVersion,
  ServiceContract,
  ServiceContracts,
} from "@fairway/core";
import type { Address, Hex } from "viem";
import { concatHex, encodeFunctionData, getAddress, isAddressEqual } from "viem";
import type { ContractBuild, ContractBuilds } from "../building/build-info.ts";
import { codeHash, metadataHash, runs } from "../building/code-of.ts";
import { factory, madeAt, saltOf } from "../chain/known-addresses.ts";
import type { ChainLook } from "./chain-look.ts";
import { nameWord } from "./chain-look.ts";
import { callOf, callText, creationWith } from "./contract-words.ts";
import { beaconAbi, proxyAdminAbi, registryAbi, uupsAbi } from "./usual-abis.ts";

/** A call that is made in the name of the wallet. */
export interface ContractChange {
  readonly to: Address;
  readonly data: Hex;
  /** For people. */
  readonly text: string;
}

/** What a proxy leads to now, and would. */
export interface Upgrade {
  readonly contract: ServiceContract;
  readonly build: ContractBuild;
  readonly from: Address;
  readonly to: Address;
}

/** All that is to be done so that a chain has what a release wants. */
export interface PlannedChanges {
  readonly calls: readonly ContractChange[];
  /** What undoes them, as far as they can be. */
  readonly back: readonly ContractChange[];
  readonly upgrades: readonly Upgrade[];
  /** What there will be. */
  readonly addresses: readonly ContractAddress[];
  readonly irreversible: readonly string[];
  /** Why it cannot be done, as sentences. */
  readonly problems: readonly string[];
}

export interface ChangeFacts {
  readonly service: ServiceContracts;
  readonly placement: ChainPlacement;
  readonly builds: ContractBuilds;
  readonly look: ChainLook;
  /** Who changes the contracts. */
  readonly by: Address;
  /** Where they were put before; null where they never were. */
  readonly before: ContractVersion | null;
}

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

/** Writes down why it cannot be done. */
function refuse(plan: Draft, problem: string): null {
  plan.problems.push(problem);
  return null;
}

type Draft = {
  readonly [Key in keyof PlannedChanges]: PlannedChanges[Key] extends readonly (infer One)[] ? One[] : never;
};

const emptyPlan = (): Draft => ({ calls: [], back: [], upgrades: [], addresses: [], irreversible: [], problems: [] });

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
  const written = facts.placement.addresses[name] ?? facts.before?.contracts.find((one) => one.name === name)?.address;
  const known = written === undefined ? entry : getAddress(written);
  const placed =
    contract.kind === "immutable" || contract.kind === "instance"
      ? await placeInstance(facts, contract, build, creation.value, known, plan)
      : await placeUpgradeable(facts, contract, build, creation.value, known, names, plan);
  if (placed === null) return;
  names.set(name, placed.address);
  plan.addresses.push({
    name,
    chain: facts.placement.chain,
    kind: contract.kind,
    codeHash: codeHash(build),
    metadataHash: metadataHash(build),
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

interface Placed {
  readonly address: Address;
  readonly implementation: Address | null;
}

/** Makes a contract where there is none yet. False where something else is there. */
async function made(
  { look }: ChangeFacts,
  label: string,
  build: ContractBuild,
  salt: Hex,
  creation: Hex,
  plan: Draft,
): Promise<Address | null> {
  const address = madeAt(salt, creation);
  const code = (await look.codeAt(address)) ?? "0x";
  if (code !== "0x") {
    if (runs(code, build)) return address;
    plan.problems.push(`${label}: wrong code at ${address}: it is not that of ${build.key}`);
    return null;
  }
  const bytes = (creation.length - 2) / 2;
  plan.calls.push({
    to: factory,
    data: concatHex([salt, creation]),
    text: `make ${build.key} at ${address} (CREATE2, ${bytes.toLocaleString("en")} bytes)`,
  });
  plan.irreversible.push(`${build.name} at ${address} stays on the chain`);
  return address;
}

async function placeInstance(
  facts: ChangeFacts,
  contract: ServiceContract,
  build: ContractBuild,
  creation: Hex,
  known: Address | null,
  plan: Draft,
): Promise<Placed | null> {
  const { name, kind } = contract;
  const code = known === null ? "0x" : ((await facts.look.codeAt(known)) ?? "0x");
  if (known !== null && runs(code, build)) return { address: known, implementation: null };
  if (known !== null && kind === "immutable") {
    plan.problems.push(
      code === "0x"
        ? `${name}: there is no code at ${known}`
        : `${name}: wrong code at ${known}: it is not that of ${build.key}, and an immutable contract cannot change; give it the kind "instance", or another name`,
    );
    return null;
  }
  const address = await made(facts, name, build, saltOf(contract.salt), creation, plan);
  return address === null ? null : { address, implementation: null };
}

async function placeUpgradeable(
  facts: ChangeFacts,
  contract: ServiceContract,
  build: ContractBuild,
  creation: Hex,
  known: Address | null,
  names: ReadonlyMap<string, Address>,
  plan: Draft,
): Promise<Placed | null> {
  const { look } = facts;
  if (known === null) {
    const implementation = await made(facts, contract.name, build, saltOf(contract.salt), creation, plan);
    return implementation === null ? null : placeProxy(facts, contract, build, creation, implementation, names, plan);
  }
  const current = await leadsTo(look, contract, known);
  if (typeof current === "object") return refuse(plan, `${contract.name}: ${current.problem}`);
  if (runs(await look.codeAt(current), build)) return { address: known, implementation: current };
  const implementation = await made(facts, contract.name, build, saltOf(contract.salt), creation, plan);
  if (implementation === null) return null;
  const data =
    contract.migrate === null
      ? { value: "0x" as Hex }
      : callOf(build, contract.migrate.function, contract.migrate.args, names);
  if ("problem" in data) return refuse(plan, `${contract.name}: ${data.problem}`);
  const there = await upgradeCall(look, contract, known, implementation, data.value);
  const back = await upgradeCall(look, contract, known, current, "0x");
  if ("problem" in there) return refuse(plan, `${contract.name}: ${there.problem}`);
  plan.calls.push(
    data.value === "0x"
      ? there
      : { ...there, text: `${there.text}, with ${callText(build.name, build.abi, data.value)}` },
  );
  if (!("problem" in back)) plan.back.push(back);
  if (data.value !== "0x")
    plan.irreversible.push(`what ${callText(build.name, build.abi, data.value)} writes is not taken back`);
  plan.upgrades.push({ contract, build, from: current, to: implementation });
  return { address: known, implementation };
}

/** What a proxy or beacon leads to, or why it is none. */
async function leadsTo(
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

async function upgradeCall(
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

const proxyContracts = {
  uups: "ERC1967Proxy",
  transparent: "TransparentUpgradeableProxy",
  beacon: "UpgradeableBeacon",
};

/** The proxy or beacon of a contract that never was there. */
async function placeProxy(
  facts: ChangeFacts,
  contract: ServiceContract,
  build: ContractBuild,
  makes: Hex,
  implementation: Address,
  names: ReadonlyMap<string, Address>,
  plan: Draft,
): Promise<Placed | null> {
  const { name, kind, initializer } = contract;
  if (kind === "instance" || kind === "immutable") return null;
  const wanted = proxyContracts[kind];
  const proxy = facts.builds.find(wanted);
  if (proxy === null)
    return refuse(plan, `${name}: the release has no ${wanted} to put before it; let it be compiled, too`);
  const data =
    initializer === null ? { value: "0x" as Hex } : callOf(build, initializer.function, initializer.args, names);
  if ("problem" in data) return refuse(plan, `${name}: ${data.problem}`);
  const args = {
    uups: [implementation, data.value],
    transparent: [implementation, facts.by, data.value],
    beacon: [implementation, facts.by],
  }[kind];
  const creation = creationWith(proxy, args, new Map());
  if ("problem" in creation) return refuse(plan, `${name}: ${creation.problem}`);
  const salt = saltOf(`${contract.salt}/proxy`);
  const there = madeAt(salt, creation.value);
  // It may lead elsewhere by now: what it was made with says nothing of what it leads to.
  if (runs(await facts.look.codeAt(there), proxy))
    return placeUpgradeable(facts, contract, build, makes, there, names, plan);
  const address = await made(facts, name, proxy, salt, creation.value, plan);
  return address === null ? null : { address, implementation };
}
