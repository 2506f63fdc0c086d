import type { DriftFindingShape, InfrastructurePlanShape, InfrastructurePlanSummary } from "@fairway/api";
import { bold, fit, harmless } from "./terminal.ts";

const signs: Readonly<Record<InfrastructurePlanShape["changes"][number]["action"], string>> = {
  create: "+",
  update: "~",
  replace: "-/+",
  destroy: "-",
  read: "<=",
  forget: "forget",
  import: "import",
  move: "move",
};

type Field = InfrastructurePlanShape["changes"][number]["fields"][number];

const mostResources = 200;
const mostFields = 12;

/** How much a plan changes: `1 to add, 0 to change, 0 to replace, 0 to destroy`. */
export const countLine = ({ count }: Pick<InfrastructurePlanSummary, "count">): string =>
  `${count.create} to add, ${count.update} to change, ${count.replace} to replace, ${count.destroy} to destroy`;

/** What a plan would do, for a person: each resource with why, and each value that changes but those that are secret. */
export function infrastructurePlanLines(plan: InfrastructurePlanShape, width: number, all = false): readonly string[] {
  const shown = all ? plan.changes : plan.changes.slice(0, mostResources);
  const lines = [
    `${bold(`plan ${plan.id}`)} of ${plan.stack} in ${plan.environment}: ${countLine(plan)}`,
    `${plan.tool}, commit ${plan.commit.slice(0, 7)}${plan.release === null ? "" : ` (${plan.release})`}, ${plan.serial === null ? "no state yet" : `state serial ${plan.serial}`}`,
    ...shown.flatMap((change) => [
      `  ${signs[change.action]} ${harmless(change.address)}${change.from === null ? "" : ` (from ${harmless(change.from)})`}${change.reason === null ? "" : `: ${harmless(change.reason)}`}`,
      ...change.fields.slice(0, all ? undefined : mostFields).map((field) => `      ${fieldLine(field)}`),
      ...(all || change.fields.length <= mostFields
        ? []
        : [`      … ${change.fields.length - mostFields} more values`]),
    ]),
    ...(plan.resources > shown.length
      ? [`  … ${plan.resources - shown.length} more; all of them: fairway infrastructure show ${plan.id} --all`]
      : []),
    ...(plan.shown === null
      ? []
      : harmless(plan.shown)
          .trimEnd()
          .split("\n")
          .map((line) => `  ${line}`)),
    ...(plan.outputs.length === 0 ? [] : [`outputs that change: ${plan.outputs.join(", ")}`]),
    ...plan.contested.flatMap(({ address, field, by, patch }) => [
      `! ${harmless(address)}: ${field} is also written by ${by}, and each apply undoes that; add to the resource:`,
      ...patch.split("\n").map((line) => `    ${line}`),
    ]),
    ...stateLines(plan),
  ];
  return lines.map((line) => fit(line, width));
}

/** One value that changes: `size: 1 → 2`. */
function fieldLine({ path, before, after, sensitive, unknown, replaces }: Field): string {
  const told = (value: string | null): string => (sensitive ? "(sensitive)" : harmless(value ?? "–"));
  return `${harmless(path)}: ${told(before)} → ${unknown ? "(known after apply)" : told(after)}${replaces ? "  # forces replacement" : ""}`;
}

function stateLines({ state, why, expiresAt }: InfrastructurePlanShape): readonly string[] {
  const because = why === null ? "" : `: ${harmless(why)}`;
  switch (state) {
    case "planned":
      return [`it may be applied once, until ${expiresAt}`];
    case "applying":
      return ["it is being applied"];
    case "applied":
      return ["it was applied"];
    case "failed":
    case "void":
      return [`it is ${state}${because}`];
    case "unknown":
      return [`nobody knows what of it was done${because}`];
  }
}

/** A finding with what can be done about it. */
export function driftLines(finding: DriftFindingShape, width: number): readonly string[] {
  const { id, address, stack, environment, kind, action, fields, because } = finding;
  const what = kind === "ours" ? "the code changed and was not applied" : "somebody changed it past the code";
  return [
    `${bold(`finding ${id}`)} ${harmless(address)} (${stack} in ${environment}): ${what}`,
    `  ${action}, seen first ${finding.firstSeen}, last ${finding.lastSeen}, owner ${harmless(finding.owner ?? "nobody")}`,
    ...fields.slice(0, mostFields).map((field) => `      ${fieldLine(field)}`),
    ...because.map((rule) => `  rule: ${harmless(rule)}`),
    ...(finding.closedAt === null
      ? [
          `→ put it back as the code says: fairway infrastructure apply ${environment} --stack ${stack}`,
          ...(kind === "ours"
            ? []
            : [
                `→ keep it: write it into the code, and: fairway infrastructure adopt ${environment} --stack ${stack}`,
                `→ leave it alone for a time: fairway infrastructure ignore ${environment} ${id} --for 30d --reason "…"`,
              ]),
        ]
      : [`  closed ${finding.closedAt}: ${harmless(finding.closedBecause ?? "")}`]),
  ].map((line) => fit(line, width));
}
