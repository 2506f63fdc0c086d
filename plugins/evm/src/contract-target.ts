import { join } from "node:path";
import type {
  ChainPlacement,
  ContractLedger,
  ContractProposal,
  ContractVersion,
  Group,
  Progress,
  ReleaseId,
  Rollout,
  ServiceContracts,
  SignerReference,
  Target,
  Value,
} from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import type { Address } from "viem";
import { getAddress } from "viem";
import type { ContractBuilds } from "./building/build-info.ts";
import { readBuilds } from "./building/build-info.ts";
import { runs } from "./building/code-of.ts";
import type { ChainConnection, Send } from "./chain/chain-connection.ts";
import { chainAsked, connectChain } from "./chain/chain-connection.ts";
import { chainLook } from "./changing/chain-look.ts";
import type { ChangeFacts, PlannedChanges } from "./changing/plan-changes.ts";
import { planChanges } from "./changing/plan-changes.ts";
import { simulate } from "./changing/simulate.ts";
import { initializerProblems, upgradeProblems } from "./changing/upgrade-safety.ts";
import { followProposal } from "./proposing/follow-proposal.ts";
import type { ProposeParts } from "./proposing/propose.ts";
import { post, propose, proposeRejection } from "./proposing/propose.ts";
import { safeService } from "./proposing/safe-service.ts";
import { safeWallet } from "./proposing/safe-wallet.ts";
import type { ChainSigner } from "./signing/chain-signer.ts";
import type { KeyService } from "./signing/kms-signer.ts";
import { kmsSigner } from "./signing/kms-signer.ts";
import { keystoreSigner } from "./signing/keystore-signer.ts";
import type { SendParts } from "./signing/send-changes.ts";
import { followSent, sendNext } from "./signing/send-changes.ts";

/** What a release wants of a chain, and where its build-info files are. */
export interface WantedContracts {
  readonly service: ServiceContracts;
  readonly placement: ChainPlacement;
  /** The artifact's folder. */
  readonly folder: string;
}

export interface ContractTargetParts {
  readonly environment: string;
  readonly service: string;
  /** Each release as its own configuration says. Throws `not_found`. */
  readonly wantedOf: (release: ReleaseId) => Promise<WantedContracts>;
  readonly ledger: ContractLedger;
  /** The value of a secret of the environment. Throws `secret_missing`. */
  readonly secret: (name: string) => Promise<string>;
  /** A key in a key service; left out where the machine has none. */
  readonly keyService?: (reference: Extract<SignerReference, { kind: "kms" }>) => KeyService;
  /** Asks nodes and Safe services, and refuses with `bad_request` whatever may not be asked; the web's fetch when left out. */
  readonly send?: Send;
  /** The program that forks a chain. */
  readonly anvil?: string;
}

/** A chain, and what a release wants of it. */
interface Opened extends ChangeFacts {
  readonly chain: ChainConnection;
  readonly signer: (reference: SignerReference) => Promise<ChainSigner>;
}

/** The contracts of a service on a chain. What runs there is read from the chain each time, and compared with the ledger. */
export function contractTarget(parts: ContractTargetParts): Target {
  return {
    kind: "contracts",
    strategies: new Set(["rolling"]),
    observe: () => chainAsked(() => observe(parts)),
    fence: (token) => parts.ledger.fence(token),
    async advance(rollout) {
      await parts.ledger.fence(rollout.token);
      return asProgress(() => move(parts, rollout, rollout.to, "there"));
    },
    async abort(rollout) {
      await parts.ledger.fence(rollout.token);
      return asProgress(() => goBack(parts, rollout));
    },
  };
}

/** What is wrong with the configuration is an answer: no retry mends it. */
async function asProgress(move: () => Promise<Progress>): Promise<Progress> {
  try {
    return await chainAsked(move);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "not_allowed_now" || code === "bad_request" || code === "artifact_refused" || code === "denied")
      return { phase: "failed", reason: messageOf(thrown) };
    throw thrown;
  }
}

/** The release whose contracts the chain has, every one of them as it was left; nothing where any differs. */
async function observe(parts: ContractTargetParts): Promise<ReadonlyMap<ReleaseId, Group>> {
  const [newest] = await parts.ledger.versions(parts.environment, parts.service);
  if (newest === undefined || newest.contracts.length === 0) return new Map();
  const facts = await openContracts(parts, newest.release);
  const { calls, problems } = await planChanges(facts);
  const isThere = calls.length === 0 && problems.length === 0;
  return new Map([[newest.release, { running: 1, ready: isThere ? 1 : 0, failed: 0, busy: 0 }]]);
}

/** Reads what a release wants, and connects to its chain. */
export async function openContracts(parts: ContractTargetParts, release: ReleaseId): Promise<Opened> {
  const { service, placement, folder } = await parts.wantedOf(release);
  const value = async (given: Value): Promise<string> =>
    typeof given === "string" ? given : parts.secret(given.secret);
  const rpc = await Promise.all(placement.rpc.map(value));
  const chain = await connectChain({ ...placement, rpc }, parts.send);
  const [newest] = await parts.ledger.versions(parts.environment, parts.service);
  const opened = new Map<string, Promise<ChainSigner>>();
  const signer = (reference: SignerReference): Promise<ChainSigner> => {
    const name = JSON.stringify(reference);
    const found = opened.get(name) ?? openSigner(parts, reference);
    opened.set(name, found);
    return found;
  };
  const by =
    "safe" in placement.by ? getAddress(placement.by.safe.address) : (await signer(placement.by.signer)).address;
  return {
    ...{ chain, service, placement, by, signer },
    builds: await readBuilds(join(folder, service.buildInfo)),
    look: chainLook(chain.client),
    before: newest ?? null,
  };
}

async function openSigner(parts: ContractTargetParts, reference: SignerReference): Promise<ChainSigner> {
  if (reference.kind === "keystore")
    return keystoreSigner(reference.file, await parts.secret(reference.password.secret));
  if (parts.keyService !== undefined) return kmsSigner(parts.keyService(reference));
  throw new FairwayError("key_unusable", "this machine has no key service", { hint: "use a keystore file" });
}

async function move(
  parts: ContractTargetParts,
  rollout: Rollout,
  release: ReleaseId,
  direction: ContractProposal["direction"],
): Promise<Progress> {
  const facts = await openContracts(parts, release);
  const open = await parts.ledger.proposal(rollout.id, direction);
  return "safe" in facts.placement.by
    ? throughSafe(parts, rollout, release, direction, facts, open)
    : throughKey(parts, rollout, release, direction, facts, open);
}

const poll = ({ placement }: Opened, message: string): Progress => ({
  phase: "moving",
  message,
  checkAgainIn: placement.poll,
});

async function throughSafe(
  parts: ContractTargetParts,
  rollout: Rollout,
  release: ReleaseId,
  direction: ContractProposal["direction"],
  facts: Opened,
  open: ContractProposal | null,
): Promise<Progress> {
  const proposing = await proposeParts(parts, facts);
  if (open === null) {
    const ready = await readyToChange(parts, release, facts);
    if ("phase" in ready) return ready;
    if (ready.calls.length === 0) return settle(parts, rollout, release, facts);
    const proposal = await propose(proposing, rollout, direction, ready.calls);
    return poll(facts, `proposed to the Safe ${facts.by} as number ${proposal.nonce}: ${proposal.calls.join("; ")}`);
  }
  if (open.outcome === "executed") return settle(parts, rollout, release, facts);
  const known = open.isPosted || open.outcome !== null ? open : await post(proposing, rollout, open);
  const { proposal, message } = await followProposal(facts.chain, proposing.service, facts.by, known, facts.placement);
  await parts.ledger.note(rollout.token, proposal);
  if (proposal.outcome === null) return poll(facts, message);
  return proposal.outcome === "executed"
    ? settle(parts, rollout, release, facts)
    : { phase: "failed", reason: message };
}

async function throughKey(
  parts: ContractTargetParts,
  rollout: Rollout,
  release: ReleaseId,
  direction: ContractProposal["direction"],
  facts: Opened,
  open: ContractProposal | null,
): Promise<Progress> {
  const sending = await sendParts(parts, facts);
  if (open !== null && open.outcome !== "executed") {
    const sent = await followSent(sending, rollout, open);
    if (sent.state === "failed") return { phase: "failed", reason: sent.reason };
    if (sent.state === "moving") return poll(facts, sent.message);
  }
  const plan = open === null ? await readyToChange(parts, release, facts) : await planChanges(facts);
  if ("phase" in plan) return plan;
  const [next] = plan.calls;
  if (plan.problems.length > 0 || next === undefined) return settle(parts, rollout, release, facts);
  const failed = await sendNext(sending, rollout, direction, next);
  return failed ?? { phase: "moving", message: `sending: ${next.text}`, checkAgainIn: 1 };
}

async function sendParts(parts: ContractTargetParts, { chain, placement, signer }: Opened): Promise<SendParts> {
  if (!("signer" in placement.by)) throw new FairwayError("internal", "no key is configured");
  const by = await signer(placement.by.signer);
  return { chain, ledger: parts.ledger, signer: by, confirmations: placement.confirmations };
}

/** What is to be done, once everything that can be known before says that it may be; else why it may not. */
async function readyToChange(
  parts: ContractTargetParts,
  release: ReleaseId,
  facts: Opened,
): Promise<PlannedChanges | Extract<Progress, { phase: "failed" }>> {
  const { plan, problems } = await changesAndSafety(parts, release, facts);
  if (problems.length > 0) return { phase: "failed", reason: problems.join("\n") };
  if (plan.calls.length === 0) return plan;
  const tried = await simulate(facts.chain, facts, plan, parts.anvil);
  return tried.problems.length === 0 ? plan : { phase: "failed", reason: tried.problems.join("\n") };
}

/** What a release would change, and why it must not: nothing is run and nothing is sent. */
export async function changesAndSafety(
  parts: ContractTargetParts,
  release: ReleaseId,
  facts: Opened,
): Promise<{ readonly plan: PlannedChanges; readonly problems: readonly string[]; readonly notes: readonly string[] }> {
  const plan = await planChanges(facts);
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
  return { plan, problems, notes };
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

/** It is done only when code, slots and the registry are as the release wants them; then that is written down. */
async function settle(
  parts: ContractTargetParts,
  rollout: Rollout,
  release: ReleaseId,
  facts: Opened,
): Promise<Progress> {
  const { calls, problems, addresses } = await planChanges(facts);
  if (calls.length > 0 || problems.length > 0)
    return {
      phase: "failed",
      reason: [
        "the chain is not as the release wants it, though its transaction was executed",
        ...problems,
        ...calls.map(({ text }) => `not done: ${text}`),
      ].join("\n"),
    };
  await parts.ledger.keep(rollout.token, {
    ...{ environment: parts.environment, service: parts.service, release, contracts: addresses },
  });
  return { phase: "succeeded" };
}

/** What was only proposed is taken back; what was executed gets a proposal of its own, to what ran before. */
async function goBack(parts: ContractTargetParts, rollout: Rollout): Promise<Progress> {
  const there = await parts.ledger.proposal(rollout.id, "there");
  if (there !== null && there.outcome === null) {
    const facts = await openContracts(parts, rollout.to);
    if (!("safe" in facts.placement.by)) {
      const sent = await followSent(await sendParts(parts, facts), rollout, there, "withdraw");
      if (sent.state === "moving") return poll(facts, sent.message);
    } else {
      const proposing = await proposeParts(parts, facts);
      const { proposal, message } = await followProposal(
        facts.chain,
        proposing.service,
        facts.by,
        there,
        facts.placement,
      );
      if (proposal.included !== null && proposal.outcome === null) return poll(facts, message);
      if (proposal.outcome === null) await proposeRejection(proposing, there);
      await parts.ledger.note(rollout.token, { ...proposal, outcome: proposal.outcome ?? "withdrawn" });
    }
  }
  if (rollout.from !== null) {
    // A key sends one call after the other and only the last is on record: what they changed is for the chain to say.
    const isChanged =
      there !== null &&
      (!("safe" in (await parts.wantedOf(rollout.to)).placement.by) ||
        (await parts.ledger.proposal(rollout.id, "there"))?.outcome === "executed");
    const [newest] = await parts.ledger.versions(parts.environment, parts.service);
    return isChanged || newest?.release === rollout.to
      ? move(parts, rollout, rollout.from, "back")
      : { phase: "succeeded" };
  }
  // The contracts stay on the chain; nobody is sent to them.
  const [newest] = await parts.ledger.versions(parts.environment, parts.service);
  if (newest?.release === rollout.to)
    await parts.ledger.keep(rollout.token, {
      ...{ environment: parts.environment, service: parts.service, release: rollout.to, contracts: [] },
    });
  return { phase: "succeeded" };
}

async function proposeParts(parts: ContractTargetParts, facts: Opened): Promise<ProposeParts> {
  const { by, multiSend } = facts.placement;
  if (!("safe" in by)) throw new FairwayError("internal", "no Safe is configured");
  const key = by.safe.apiKey === null ? null : await parts.secret(by.safe.apiKey.secret);
  return {
    ...{ chain: facts.chain, ledger: parts.ledger, safe: by.safe, multiSend },
    service: safeService(by.safe.service, key, parts.send),
    proposer: () => facts.signer(by.safe.proposer),
  };
}
