import type { Plan } from "@fairway/api";
import { table } from "./table.ts";
import { bold, dim, harmless, markOf } from "./terminal.ts";

const words: Readonly<Record<Plan["reason"], (plan: Plan) => string>> = {
  deploy: (plan) => `deploy ${plan.release} to ${plan.environment}`,
  promotion: (plan) => `promote ${plan.release} to ${plan.environment}`,
  rollback: (plan) => `roll ${plan.environment} back to ${plan.release}`,
};

/** What a deployment would do, as a person reads it before saying yes. */
export function planLines(plan: Plan): readonly string[] {
  const { revision } = plan;
  const rows = plan.rollouts.map(({ service, action, replicas, strategy, after }) => [
    service,
    action,
    String(replicas),
    `${strategy.name} ${strategy.minimumHealthyPercent}/${strategy.maximumPercent}`,
    after.join(", ") || "–",
  ]);
  return [
    bold(words[plan.reason](plan)),
    `${revision.short} ${harmless(revision.subject)} ${dim(`by ${harmless(revision.author)}`)}`,
    plan.from === null ? "nothing runs there yet" : `${plan.from} runs there now`,
    "",
    ...table(["service", "action", "replicas", "strategy", "after"], rows),
    ...plan.retired.map((service) => `${service}  end (the release no longer has it)`),
    ...plan.leftOut.map(({ service, reason }) => dim(`${service} is left out: ${reason}`)),
    "",
    plan.approvals === 0 ? "needs no approval" : `needs ${plan.approvals} ${plan.approvals === 1 ? "approval" : "approvals"}`,
    dim(`digest ${plan.digest}`),
    ...plan.obstacles.map((obstacle) => `${markOf("failed")} ${obstacle}`),
  ];
}
