import type { Plan } from "@fairway/api";
import { capacityWarning, movedSecrets } from "@fairway/core";
import { strategyWords } from "./strategy-words.ts";
import { table } from "./table.ts";
import { bold, columns, dim, fit, harmless, markOf, wrap } from "./terminal.ts";

const words: Readonly<Record<Plan["reason"], (plan: Plan) => string>> = {
  deploy: (plan) => `deploy ${plan.release} to ${plan.environment}`,
  promotion: (plan) => `promote ${plan.release} to ${plan.environment}`,
  rollback: (plan) => `roll ${plan.environment} back to ${plan.release}`,
};

/** What a deployment would do, as a person reads it before saying yes, in lines of at most `width` columns. */
export function planLines(plan: Plan, width: number = columns()): readonly string[] {
  const { revision } = plan;
  const rows = plan.rollouts.map(({ service, action, replicas, strategy, after }) => [
    service,
    action,
    String(replicas),
    strategyWords(strategy),
    after.join(", ") || "–",
  ]);
  return [
    bold(fit(words[plan.reason](plan), width)),
    ...wrap(`${revision.short} ${harmless(revision.subject)} by ${harmless(revision.author)}`, width),
    plan.from === null ? "nothing runs there yet" : `${plan.from} runs there now`,
    "",
    ...table(["service", "action", "replicas", "strategy", "after"], rows, width),
    ...plan.rollouts.flatMap((rollout) => capacityLines(rollout, width)),
    ...stackLines(plan, width),
    ...migrationLines(plan, width),
    ...contractLines(plan, width),
    ...secretLines(plan, width),
    ...plan.retired.flatMap((service) => wrap(`${service} ends: the release no longer has it`, width)),
    ...plan.leftOut.flatMap(({ service, reason }) =>
      wrap(`${service} is left out: ${harmless(reason)}`, width).map(dim),
    ),
    "",
    plan.approvals === 0
      ? "needs no approval"
      : `needs ${plan.approvals} ${plan.approvals === 1 ? "approval" : "approvals"}`,
    ...wrap(`digest ${plan.digest}`, width).map(dim),
    ...(plan.warnings ?? []).flatMap((warning) => marked("waiting", warning, width)),
    ...plan.obstacles.flatMap((obstacle) => marked("failed", obstacle, width)),
  ];
}

const marked = (state: Parameters<typeof markOf>[0], sentence: string, width: number): readonly string[] =>
  wrap(harmless(sentence), width, "  ").map((line, index) =>
    index === 0 ? `${markOf(state)} ${line.slice(2)}` : line,
  );

/** Where replicas go before others come: it is done as it is written, and said before. */
function capacityLines(
  { service, action, replicas, strategy }: Plan["rollouts"][number],
  width: number,
): readonly string[] {
  if (action === "start" || strategy.name !== "rolling") return [];
  const warning = capacityWarning(strategy, replicas, service);
  return warning === null ? [] : wrap(`→ ${warning}`, width, "  ");
}

/** The stacks that are planned and applied with it; what each changes is known once it is planned. */
function stackLines({ infrastructure = [] }: Pick<Plan, "infrastructure">, width: number): readonly string[] {
  if (infrastructure.length === 0) return [];
  const rows = infrastructure.map(({ name, program, folder, after, approvals, phase }) => [
    name,
    program,
    harmless(folder),
    phase === "before-services" ? "before the services" : "once the services are back",
    after.join(", ") || "–",
    approvals === 0 ? "where something goes" : String(approvals),
  ]);
  return ["", ...table(["stack", "program", "folder", "applied", "after", "asks"], rows, width)];
}

/** What it does to smart contracts, a line for each call as its signers will see it, and what stays. */
function contractLines({ contracts = [] }: Pick<Plan, "contracts">, width: number): readonly string[] {
  return contracts.flatMap(({ service, chain, safe, calls, irreversible, gas = [], obstacles }) => [
    "",
    ...wrap(
      `${service} on chain ${chain}${safe === null ? "" : `, by ${safe.threshold} of ${safe.owners} owners of the Safe ${harmless(safe.address)}`}:`,
      width,
    ),
    ...(calls.length === 0 && obstacles.length === 0 ? ["  the chain has it all"] : []),
    ...calls.flatMap((call) => wrap(`  ${harmless(call)}`, width, "    ")),
    ...gas.flatMap((line) => wrap(`  gas: ${harmless(line)}`, width, "    ").map(dim)),
    ...irreversible.flatMap((stays) => wrap(`  irreversible: ${harmless(stays)}`, width, "    ").map(dim)),
  ]);
}

/** The secrets that are another version than what runs was started with. */
function secretLines({ secrets = [] }: Pick<Plan, "secrets">, width: number): readonly string[] {
  const moved = movedSecrets(secrets).map(
    ({ name, version, from }) => `${name} ${version === null ? "has no value" : `${from ?? "new"} → ${version}`}`,
  );
  return moved.length === 0 ? [] : wrap(`secrets: ${harmless(moved.join(", "))}`, width);
}

const phases = { "before-rollout": "before", "after-rollout": "once the old is gone" } as const;

/** What it does to databases, one migration a line, with why where it takes something away. */
export function migrationLines(
  { migrations = [], from }: Pick<Plan, "migrations" | "from">,
  width: number,
): readonly string[] {
  if (migrations.length === 0) return [];
  const rows = migrations.map(({ service, id, class: of, phase, direction, locks }) => [
    harmless(direction === "back" ? `${id} (taken back)` : id),
    service,
    of,
    phases[phase],
    harmless(locks.join(", ")) || "–",
  ]);
  return [
    "",
    ...table(["migration", "of", "class", "runs", "locks"], rows, width),
    ...migrations.flatMap(({ id, class: of, reasons }) =>
      of === "expand" ? [] : reasons.flatMap((reason) => wrap(`${harmless(id)}: ${harmless(reason)}`, width).map(dim)),
    ),
    ...noReturnLines(migrations, from, width),
  ];
}

/** That what runs now may not be able to come back is said before, not when somebody wants it back. */
function noReturnLines(
  migrations: NonNullable<Plan["migrations"]>,
  from: string | null,
  width: number,
): readonly string[] {
  const taking = migrations.filter(
    ({ direction, class: of }) => direction === "forward" && (of === "contract" || of === "irreversible"),
  );
  if (from === null || taking.length === 0) return [];
  const ids = harmless(taking.map(({ id }) => id).join(", "));
  const unless = taking.some(({ class: of }) => of === "irreversible")
    ? "if it does not use what goes"
    : "by a way back that was tried, or if it does not use what goes";
  return wrap(`once ${ids} ran, ${from} can come back only ${unless}`, width);
}
