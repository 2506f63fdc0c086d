import type { ContractProposal, Group, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { chainAsked } from "./chain/chain-connection.ts";
import { planChanges } from "./changing/plan-changes.ts";
import { readyToChange } from "./changing/ready-to-change.ts";
import type { ContractTargetParts, Opened } from "./open-contracts.ts";
import { openContracts, proposeParts, sendParts } from "./open-contracts.ts";
import { followProposal } from "./proposing/follow-proposal.ts";
import { propose, sincePosted } from "./proposing/propose.ts";
import { withdraw } from "./proposing/withdraw.ts";
import { followSent, sendNext } from "./signing/send-changes.ts";

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
    if (proposal === null) return poll(facts, `waits for its turn: another service proposes to the Safe ${facts.by}`);
    return poll(facts, `proposed to the Safe ${facts.by} as number ${proposal.nonce}: ${proposal.calls.join("; ")}`);
  }
  if (open.outcome === "executed") return settle(parts, rollout, release, facts);
  const known = await sincePosted(proposing, rollout, open);
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
    if ("safe" in facts.placement.by) {
      const { proposal, message } = await withdraw(await proposeParts(parts, facts), there, facts.placement);
      await parts.ledger.note(rollout.token, proposal);
      if (proposal.outcome === null) return poll(facts, message);
    } else {
      const sent = await followSent(await sendParts(parts, facts), rollout, there, "withdraw");
      if (sent.state === "moving") return poll(facts, sent.message);
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
