import type { ServiceContract } from "@fairway/core";
import type { Address, Hex } from "viem";
import { concatHex, isAddressEqual } from "viem";
import type { ContractBuild } from "../building/build-info.ts";
import { runs } from "../building/code-of.ts";
import { factory, madeAt, saltOf } from "../chain/known-addresses.ts";
import { callOf, callText, creationWith } from "./contract-words.ts";
import type { ChangeFacts, Draft } from "./planned-changes.ts";
import { refuse } from "./planned-changes.ts";
import { leadsTo, upgradeCall } from "./proxy-calls.ts";

/** Where a contract is, or will be. */
export interface Placed {
  readonly address: Address;
  readonly implementation: Address | null;
}

/** What is to be made of a contract: its arguments as texts, with addresses in the place of names, and what makes it. */
export interface Wanted {
  readonly args: readonly string[];
  readonly creation: Hex;
  /** Where the factory would make it. */
  readonly address: Address;
}

/**
 * With which arguments what is at an address was made, as the newest release that put it there wrote down; null where none did.
 */
const argsAt = ({ versions }: ChangeFacts, name: string, address: Address): readonly string[] | null =>
  versions
    .flatMap(({ contracts }) => contracts)
    .find((one) => one.name === name && isAddressEqual((one.implementation ?? one.address) as Address, address))
    ?.args ?? null;

const argsWords = (args: readonly string[] | null): string => `(${(args ?? []).join(", ")})`;

/** Whether code that is right has the right arguments, too: the same code may have been given others, which no code shows. */
function isMadeWith(facts: ChangeFacts, name: string, address: Address, { args, address: expected }: Wanted): boolean {
  if (isAddressEqual(address, expected)) return true;
  const given = argsAt(facts, name, address);
  if (given !== null) return JSON.stringify(given) === JSON.stringify(args);
  // What was there before anybody wrote arguments down is taken for what it looks like.
  return !facts.versions.some(({ contracts }) => contracts.some((one) => one.name === name && one.args !== undefined));
}

/** The same contract with the same arguments, where an earlier release left it; null where none did. */
async function madeBefore(
  { look, versions }: ChangeFacts,
  name: string,
  build: ContractBuild,
  { args }: Wanted,
): Promise<Address | null> {
  const places = versions
    .flatMap(({ contracts }) => contracts)
    .filter((one) => one.name === name && JSON.stringify(one.args) === JSON.stringify(args))
    .map(({ address, implementation }) => (implementation ?? address) as Address);
  for (const address of new Set(places)) if (runs(await look.codeAt(address), build)) return address;
  return null;
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

/** An instance, or a contract that never changes. */
export async function placeInstance(
  facts: ChangeFacts,
  contract: ServiceContract,
  build: ContractBuild,
  wanted: Wanted,
  known: Address | null,
  plan: Draft,
): Promise<Placed | null> {
  const { name, kind } = contract;
  const code = known === null ? "0x" : ((await facts.look.codeAt(known)) ?? "0x");
  const isIt = runs(code, build);
  if (known !== null && isIt && isMadeWith(facts, name, known, wanted)) return { address: known, implementation: null };
  if (known !== null && kind === "immutable") {
    const change = `an immutable contract cannot change; give it the kind "instance", or another name`;
    return refuse(
      plan,
      code === "0x"
        ? `${name}: there is no code at ${known}`
        : isIt
          ? `${name}: what is at ${known} was made with ${argsWords(argsAt(facts, name, known))} and not with ${argsWords(wanted.args)}, and ${change}`
          : `${name}: wrong code at ${known}: it is not that of ${build.key}, and ${change}`,
    );
  }
  const address =
    (await madeBefore(facts, name, build, wanted)) ??
    (await made(facts, name, build, saltOf(contract.salt), wanted.creation, plan));
  return address === null ? null : { address, implementation: null };
}

/** A proxy or beacon, with what it leads to. */
export async function placeUpgradeable(
  facts: ChangeFacts,
  contract: ServiceContract,
  build: ContractBuild,
  wanted: Wanted,
  known: Address | null,
  names: ReadonlyMap<string, Address>,
  plan: Draft,
): Promise<Placed | null> {
  const { look } = facts;
  const { name } = contract;
  if (known === null) {
    const implementation = await made(facts, name, build, saltOf(contract.salt), wanted.creation, plan);
    return implementation === null ? null : placeProxy(facts, contract, build, wanted, implementation, names, plan);
  }
  const current = await leadsTo(look, contract, known);
  if (typeof current === "object") return refuse(plan, `${name}: ${current.problem}`);
  if (runs(await look.codeAt(current), build) && isMadeWith(facts, name, current, wanted))
    return { address: known, implementation: current };
  const implementation =
    (await madeBefore(facts, name, build, wanted)) ??
    (await made(facts, name, build, saltOf(contract.salt), wanted.creation, plan));
  if (implementation === null) return null;
  const data =
    contract.migrate === null
      ? { value: "0x" as Hex }
      : callOf(build, contract.migrate.function, contract.migrate.args, names);
  if ("problem" in data) return refuse(plan, `${name}: ${data.problem}`);
  const there = await upgradeCall(look, contract, known, implementation, data.value);
  const back = await upgradeCall(look, contract, known, current, "0x");
  if ("problem" in there) return refuse(plan, `${name}: ${there.problem}`);
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
  wanted: Wanted,
  implementation: Address,
  names: ReadonlyMap<string, Address>,
  plan: Draft,
): Promise<Placed | null> {
  const { name, kind, initializer } = contract;
  if (kind === "instance" || kind === "immutable") return null;
  const put = proxyContracts[kind];
  const proxy = facts.builds.find(put);
  if (proxy === null)
    return refuse(plan, `${name}: the release has no ${put} to put before it; let it be compiled, too`);
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
    return placeUpgradeable(facts, contract, build, wanted, there, names, plan);
  const address = await made(facts, name, proxy, salt, creation.value, plan);
  return address === null ? null : { address, implementation };
}
