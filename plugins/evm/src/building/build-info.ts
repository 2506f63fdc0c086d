import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { Abi, Hex } from "viem";

/** Where in a contract's code something is filled in when it is made. */
interface Filled {
  readonly start: number;
  readonly length: number;
}

/** What one run of a compiler was given and gave, as Hardhat and Foundry keep it. */
export interface BuildInfo {
  readonly solcVersion: string;
  readonly input: object;
  readonly output: {
    readonly contracts: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
    readonly sources: object;
  };
}

interface CompiledContract {
  readonly abi: Abi;
  readonly evm: {
    readonly bytecode: { readonly object: string; readonly linkReferences?: object };
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences?: Readonly<Record<string, readonly Filled[]>>;
    };
  };
}

/** A contract as a release brings it. */
export interface ContractBuild {
  /** `src/TokenMarket.sol:TokenMarket`. */
  readonly key: string;
  readonly name: string;
  readonly abi: Abi;
  /** What makes it, without the arguments of its constructor. */
  readonly creation: Hex;
  /** What runs, with zeros where the constructor fills something in. */
  readonly deployed: Hex;
  readonly filled: readonly Filled[];
  readonly linksLibraries: boolean;
  readonly info: BuildInfo;
}

/** The contracts of a folder of build-info files, by name. */
export interface ContractBuilds {
  /** Null where there is none. Throws `bad_request` where several have that name. */
  find(name: string): ContractBuild | null;
  readonly names: readonly string[];
}

/** Reads every build-info file of a folder. Throws `artifact_refused` where it is none, or cannot be read. */
export async function readBuilds(folder: string): Promise<ContractBuilds> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new FairwayError("artifact_refused", "the artifact has no folder of build-info files", {
      cause,
      hint: "let the build leave one, and name it in contracts.buildInfo",
    });
  });
  const builds: ContractBuild[] = [];
  for (const file of files.filter((name) => name.endsWith(".json")).toSorted())
    builds.push(...contractsIn(await readInfo(join(folder, file), file)));
  if (builds.length === 0)
    throw new FairwayError("artifact_refused", "the build-info files of the artifact hold no contract");
  return buildsOf(builds);
}

const buildsOf = (builds: readonly ContractBuild[]): ContractBuilds => ({
  names: [...new Set(builds.map(({ name }) => name))],
  find(name) {
    const found = builds.filter((build) => (name.includes(":") ? build.key === name : build.name === name));
    const [first, ...others] = found;
    if (others.some(({ creation }) => creation !== first?.creation))
      throw new FairwayError("bad_request", `several contracts are called ${name}`, {
        problems: found.map(({ key }) => key),
        hint: "name one with its file",
      });
    return first ?? null;
  },
});

async function readInfo(path: string, name: string): Promise<BuildInfo> {
  try {
    const read = JSON.parse(await readFile(path, "utf8")) as Partial<BuildInfo>;
    if (typeof read.solcVersion === "string" && read.output?.contracts !== undefined && read.input !== undefined)
      return read as BuildInfo;
  } catch (cause) {
    throw new FairwayError("artifact_refused", `the build-info file ${name} is no JSON`, { cause });
  }
  throw new FairwayError("artifact_refused", `${name} is no build-info file: it lacks solcVersion, input or output`, {
    hint: "Hardhat writes them by itself; Foundry with `forge build --build-info`",
  });
}

const contractsIn = (info: BuildInfo): readonly ContractBuild[] =>
  Object.entries(info.output.contracts).flatMap(([file, contracts]) =>
    Object.entries(contracts)
      .filter(([, { evm }]) => evm.bytecode.object !== "")
      .map(([name, { abi, evm }]) => ({
        key: `${file}:${name}`,
        name,
        abi,
        creation: hexOf(evm.bytecode.object),
        deployed: hexOf(evm.deployedBytecode.object),
        filled: Object.values(evm.deployedBytecode.immutableReferences ?? {}).flat(),
        linksLibraries: Object.keys(evm.bytecode.linkReferences ?? {}).length > 0,
        info,
      })),
  );

const hexOf = (code: string): Hex => (code.startsWith("0x") ? (code as Hex) : `0x${code}`);
