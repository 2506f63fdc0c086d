import { join } from "node:path";
import type { ContractVersion, Progress, ReleaseId } from "@fairway/core";
import type { Address } from "viem";
import type { ContractBuilds } from "../building/build-info.ts";
import { readBuilds } from "../building/build-info.ts";
import { runs } from "../building/code-of.ts";
import { forkChain } from "../chain/fork.ts";
import type { ContractTargetParts, Opened } from "../open-contracts.ts";
import { safeWallet } from "../proposing/safe-wallet.ts";
import { planChanges } from "./plan-changes.ts";
import type { PlannedChanges } from "./planned-changes.ts";
import { simulate } from "./simulate.ts";
import { initializerProblems, upgradeProblems } from "./upgrade-safety.ts";

/** What is to be done, once everything that can be known before says that it may be; else why it may not. */
export async function readyToChange(
  parts: ContractTargetParts,
  release: ReleaseId,
  facts: Opened,
): Promise<PlannedChanges | Extract<Progress, { phase: "failed" }>> {
  const plan = await planChanges(facts);
  // A fork takes as long to start as all that can be known without one.
  const fork = plan.calls.length === 0 || plan.problems.length > 0 ? null : forkChain(facts.chain, parts.anvil);
  const isForked = fork?.then(
    () => true,
    () => false,
  );
  try {
    const { problems } = await safetyOf(parts, release, facts, plan);
    if (problems.length > 0) return { phase: "failed", reason: problems.join("\n") };
    if (fork === null) return plan;
    const tried = await simulate(await fork, facts, plan);
    return tried.problems.length === 0 ? plan : { phase: "failed", reason: tried.problems.join("\n") };
  } finally {
    if (fork !== null && (await isForked) === true) await (await fork).close();
  }
}

/** What a release would change, and why it must not: nothing is run and nothing is sent. */
export async function changesAndSafety(
  parts: ContractTargetParts,
  release: ReleaseId,
  facts: Opened,
): Promise<{ readonly plan: PlannedChanges; readonly problems: readonly string[]; readonly notes: readonly string[] }> {
  const plan = await planChanges(facts);
  return { plan, ...(await safetyOf(parts, release, facts, plan)) };
}

async function safetyOf(
  parts: ContractTargetParts,
  release: ReleaseId,
  facts: Opened,
  plan: PlannedChanges,
): Promise<{ readonly problems: readonly string[]; readonly notes: readonly string[] }> {
  const problems = [...plan.problems];
  const notes: string[] = [];
  const versions = await parts.ledger.versions(parts.environment, parts.service);
  if ("safe" in facts.placement.by && (await safeWallet(facts.chain, facts.by)) === null)
    problems.push(`there is no Safe at ${facts.by}`);
  const before = plan.upgrades.length === 0 ? null : await buildsBefore(parts, versions[0]);
  const isBack = versions.some((version) => version.release === release);
  for (const upgrade of plan.upgrades) {
    const ran = before === null ? null : await builtAt(facts, before, upgrade.from);
    if (ran === null)
      notes.push(
        `${upgrade.contract.name}: nobody knows the sources of what runs at ${upgrade.from}; its storage is not compared`,
      );
    problems.push(...(await upgradeProblems({ ...upgrade, before: ran, isBack })));
  }
  for (const contract of facts.service.contracts) {
    const build = facts.builds.find(contract.contract);
    const isNew =
      contract.kind !== "instance" &&
      contract.kind !== "immutable" &&
      !plan.upgrades.some((one) => one.contract === contract);
    const makes = plan.calls.some(({ text }) => build !== null && text.startsWith(`make ${build.key} `));
    if (build === null || !isNew || !makes) continue;
    problems.push(
      ...initializerProblems({ contract, build }),
      ...(await upgradeProblems({ contract, build, before: null, isBack: false })),
    );
  }
  return { problems, notes };
}

async function buildsBefore(
  parts: ContractTargetParts,
  version: ContractVersion | undefined,
): Promise<ContractBuilds | null> {
  if (version === undefined) return null;
  const { folder, service } = await parts.wantedOf(version.release);
  return readBuilds(join(folder, service.buildInfo));
}

/** The contract of an earlier release that runs at an address. */
async function builtAt(
  { look }: Opened,
  builds: ContractBuilds,
  address: Address,
): Promise<ReturnType<ContractBuilds["find"]>> {
  const code = await look.codeAt(address);
  for (const name of builds.names) {
    const build = builds.find(name);
    if (build !== null && runs(code, build)) return build;
  }
  return null;
}
