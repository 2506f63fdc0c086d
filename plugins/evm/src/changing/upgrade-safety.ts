import type { AbiFunction } from "viem";
import { toFunctionSelector } from "viem";
import type { ContractBuild } from "../building/build-info.ts";
import type { Upgrade } from "./planned-changes.ts";

/** An upgrade with the contract that runs before it, as its own release brought it; null where nobody knows that one. */
export interface UpgradeToCheck extends Pick<Upgrade, "contract" | "build"> {
  readonly before: ContractBuild | null;
  /** Whether it goes back to what ran there before: then what came behind in the storage is left where it is. */
  readonly isBack: boolean;
}

/**
 * Why an implementation must not come behind a proxy, as OpenZeppelin's upgrades-core finds it: its storage lies elsewhere
 * than that of the one before, anybody could set it up, or it does what a proxy cannot stand. Besides, that a function of
 * it would be taken for one of the proxy's own.
 */
export async function upgradeProblems(upgrade: UpgradeToCheck): Promise<readonly string[]> {
  const { contract, build, before, isBack } = upgrade;
  const { UpgradeableContract } = await import("@openzeppelin/upgrades-core");
  const { kind } = contract;
  if (kind === "instance" || kind === "immutable") return [];
  type Read = InstanceType<typeof UpgradeableContract>;
  type Given = ConstructorParameters<typeof UpgradeableContract>;
  const options: Given[3] = { kind, unsafeAllow: [...contract.unsafeAllow] as never };
  const read = ({ key, info }: ContractBuild): Read =>
    new UpgradeableContract(key, info.input as Given[1], info.output as Given[2], options, info.solcVersion);
  const after = read(build);
  const own = after.getErrorReport();
  const problems = own.ok ? [] : [plain(own.explain(false))];
  if (before === null) problems.push(...clashes(upgrade));
  else {
    const old = read(before);
    const storage = isBack ? after.getStorageUpgradeReport(old, options) : old.getStorageUpgradeReport(after, options);
    if (!storage.ok)
      problems.push(`the storage would lie elsewhere (${slotWords(storage.ops)}):\n${plain(storage.explain(false))}`);
    problems.push(...clashes(upgrade));
  }
  return problems.map((problem) => `${contract.name}: ${problem}`);
}

const plain = (text: string): string => text.trim().replaceAll(/\n{2,}/gu, "\n");

/** The slots that would be read as something else. */
function slotWords(ops: readonly object[]): string {
  const words = ops.flatMap((op) => {
    const { kind, original, updated } = op as {
      readonly kind: string;
      readonly original?: { readonly label?: string; readonly slot?: string };
      readonly updated?: { readonly label?: string; readonly slot?: string };
    };
    const slot = original?.slot ?? updated?.slot;
    return slot === undefined ? [] : [`slot ${slot}: ${kind} of ${original?.label ?? updated?.label ?? "a variable"}`];
  });
  return words.length === 0 ? "see below" : words.join("; ");
}

/** A transparent proxy answers these itself, and only to its administrator; from OpenZeppelin 5 on there is one. */
const proxyFunctions = {
  uups: [],
  beacon: [],
  transparent: [
    "upgradeToAndCall(address,bytes)",
    "upgradeTo(address)",
    "admin()",
    "implementation()",
    "changeAdmin(address)",
  ],
};

function clashes({ contract: { kind }, build }: UpgradeToCheck): readonly string[] {
  if (kind === "instance" || kind === "immutable") return [];
  const taken = new Map(
    proxyFunctions[kind].map((signature) => [toFunctionSelector(`function ${signature}`), signature]),
  );
  const functions = build.abi.filter((item): item is AbiFunction => item.type === "function");
  return functions.flatMap((item) => {
    const own = taken.get(toFunctionSelector(item));
    return own === undefined
      ? []
      : [`the selector of ${build.name}.${item.name} is that of ${own}, which the proxy itself answers`];
  });
}

/** What must be asked of a contract that is set up, so that nobody else sets it up first. */
export const initializerProblems = ({ contract, build }: Pick<Upgrade, "contract" | "build">): readonly string[] => {
  const sets = build.abi.some((item) => item.type === "function" && item.name === "initialize");
  return sets && contract.initializer === null && contract.kind !== "beacon"
    ? [`${contract.name}: ${build.name} has an initializer and the configuration calls none: anybody could set it up`]
    : [];
};
