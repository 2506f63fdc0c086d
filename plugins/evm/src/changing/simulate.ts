import type { ContractInvariant } from "@fairway/core";
import { codeOf } from "@fairway/core";
import type { Address, PublicClient } from "viem";
import { decodeFunctionResult } from "viem";
import type { ContractBuilds } from "../building/build-info.ts";
import type { ChainFork } from "../chain/fork.ts";
import { minedReceipt } from "../chain/mined-receipt.ts";
import { hasRunOut } from "../chain/has-run-out.ts";
import { chainLook } from "./chain-look.ts";
import { callOf, wordOf } from "./contract-words.ts";
import { planChanges } from "./plan-changes.ts";
import type { ChangeFacts, ContractChange, PlannedChanges } from "./planned-changes.ts";

/** What trying a change and its way back came to. */
export interface Simulation {
  /** Of all calls together. */
  readonly gas: bigint;
  readonly problems: readonly string[];
}

/**
 * Makes the changes on a copy of the chain, looks at whether it then has all that the release wants, asks the invariants,
 * and does the same with the way back. The chain itself is only read.
 */
export async function simulate(fork: ChainFork, facts: ChangeFacts, plan: PlannedChanges): Promise<Simulation> {
  await fork.test.setBalance({ address: facts.by, value: 10n ** 21n });
  const there = await makeAll(fork, facts.by, plan.calls, "the change");
  if ("problem" in there) return { gas: 0n, problems: [there.problem] };
  const onFork = { ...facts, look: chainLook(fork.client) };
  const after = await planChanges(onFork);
  const left = [
    ...after.problems,
    ...after.calls.map(({ text }) => `after the change this would still be to do: ${text}`),
  ];
  const broken = await brokenInvariants(fork.client, facts, plan);
  const back = await makeAll(fork, facts.by, plan.back, "the way back");
  if ("problem" in back) return { gas: there.gas, problems: [...left, ...broken, back.problem] };
  const named = new Set(plan.upgrades.map(({ contract }) => contract.name));
  const brokenBack =
    plan.back.length === 0 ? [] : await brokenInvariants(fork.client, facts, plan, (of) => named.has(of));
  return {
    gas: there.gas,
    problems: [...left, ...broken, ...brokenBack.map((problem) => `after the way back: ${problem}`)],
  };
}

async function makeAll(
  fork: ChainFork,
  by: Address,
  calls: readonly ContractChange[],
  what: string,
): Promise<{ readonly gas: bigint } | { readonly problem: string }> {
  const { gasLimit } = await fork.client.getBlock();
  let gas = 0n;
  for (const { to, data, text } of calls) {
    try {
      const hash = await fork.wallet.sendTransaction({ account: by, chain: null, to, data });
      const receipt = await minedReceipt(fork.client, hash);
      gas += receipt.gasUsed;
      if (receipt.status === "reverted") {
        const ranOut = await hasRunOut(fork.client, receipt);
        return {
          problem: `${what} would ${ranOut ? `run out of gas, with ${receipt.gasUsed},` : "revert"} at: ${text}`,
        };
      }
    } catch (thrown) {
      // That it was not mined says nothing of the change.
      if (codeOf(thrown) === "target_unreachable") throw thrown;
      const { shortMessage = "it failed", details = "" } = thrown as { shortMessage?: string; details?: string };
      const outOfGas = /out of gas|gas required exceeds|intrinsic gas/iu.test(`${shortMessage} ${details}`);
      return {
        problem: `${what} would ${outOfGas ? "run out of gas" : "revert"} at: ${text}: ${details || shortMessage}`,
      };
    }
  }
  return gas > gasLimit
    ? { problem: `${what} would run out of gas: it needs ${gas}, and a block of this chain takes ${gasLimit}` }
    : { gas };
}

/** The invariants that do not hold, as sentences. */
async function brokenInvariants(
  client: PublicClient,
  { service, builds }: ChangeFacts,
  { addresses }: PlannedChanges,
  of: (name: string) => boolean = () => true,
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const invariant of service.invariants.filter((one) => of(one.of))) {
    const at = addresses.find(({ name }) => name === invariant.of)?.address as Address | undefined;
    const contract = service.contracts.find(({ name }) => name === invariant.of)?.contract;
    const problem = await invariantProblem(client, builds, invariant, at, contract);
    if (problem !== null) broken.push(problem);
  }
  return broken;
}

async function invariantProblem(
  client: PublicClient,
  builds: ContractBuilds,
  { of, function: asked, args, equals }: ContractInvariant,
  at: Address | undefined,
  contract: string | undefined,
): Promise<string | null> {
  const build = contract === undefined ? null : builds.find(contract);
  if (at === undefined || build === null) return `the invariant ${of}.${asked} is of a contract that is not there`;
  const data = callOf(build, asked, args, new Map());
  if ("problem" in data) return `the invariant ${of}.${asked}: ${data.problem}`;
  try {
    const { data: answer = "0x" } = await client.call({ to: at, data: data.value });
    const word = wordOf(decodeFunctionResult({ abi: build.abi, functionName: asked, data: answer }));
    return word === equals ? null : `the invariant ${of}.${asked}(${args.join(", ")}) is ${word} and not ${equals}`;
  } catch (thrown) {
    const { shortMessage = "it failed" } = thrown as { shortMessage?: string };
    return `the invariant ${of}.${asked} could not be asked: ${shortMessage}`;
  }
}
