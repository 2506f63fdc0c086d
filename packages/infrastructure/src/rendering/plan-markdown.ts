import type { InfrastructurePlan, ResourceAction } from "@fairway/core";
import { countChanges } from "@fairway/core";
import type { ContestedField } from "../reading/contested-fields.ts";

/** A plan as a comment of a pull request tells it. */
export interface ToldPlan {
  readonly plan: Pick<InfrastructurePlan, "basis" | "changes" | "outputs" | "shown" | "expiresAt">;
  readonly contested: readonly ContestedField[];
  /** Of the plan: what an approval is bound to. */
  readonly digest: string;
}

/** By which a comment is found again, to be written anew in its place: one for each stack of each environment. */
export const planMark = (environment: string, stack: string): string =>
  `<!-- fairway infrastructure ${environment}/${stack} -->`;

const signs: Readonly<Record<ResourceAction, string>> = {
  create: "+",
  update: "~",
  replace: "-/+",
  destroy: "-",
  read: "<=",
  forget: "forget",
  import: "import",
  move: "move",
};

const mostResources = 100;
const mostFields = 20;
const mostContested = 10;
/** GitHub takes no comment of more than 65,536 characters. */
const longestBlock = 45_000;

/** What a plan would do, in a line. What commands say is read by people alone. */
export function planTitle({ changes, shown }: Pick<InfrastructurePlan, "changes" | "shown">): string {
  if (shown !== undefined) return "something to do";
  const { create, update, replace, destroy } = countChanges(changes);
  return `${create} to add, ${update} to change, ${replace} to replace, ${destroy} to destroy`;
}

/** The plan as Markdown; null is a stack with nothing to do. Values that are sensitive are not in it. */
export function planMarkdown(environment: string, stack: string, told: ToldPlan | null): string {
  const head = `${planMark(environment, stack)}\n### Infrastructure: \`${stack}\` in ${environment}\n`;
  if (told === null) return `${head}\nNothing to do.\n`;
  const { plan, contested, digest } = told;
  const gone = plan.changes.filter(({ action }) => action === "destroy" || action === "replace");
  const parts = [
    head,
    `**${planTitle(plan)}** at \`${plan.basis.commit.slice(0, 7)}\`, by ${plan.basis.tool}\n`,
    ...(gone.length === 0
      ? []
      : [`> [!WARNING]\n> Taken away: ${listed(gone.map(({ address }) => `\`${address}\``))}\n`]),
    ...contested
      .slice(0, mostContested)
      .map(
        ({ address, field, by, patch }) =>
          `> [!NOTE]\n> \`${address}\`: \`${field}\` is also written by ${by}; each apply undoes that. Add to the resource:\n\n\`\`\`hcl\n${patch}\n\`\`\`\n`,
      ),
    `<details><summary>${plan.shown === undefined ? `${plan.changes.length} ${plan.changes.length === 1 ? "resource" : "resources"}` : "what it says"}</summary>\n`,
    `\`\`\`diff\n${fenced(linesOf(plan))}\n\`\`\`\n\n</details>\n`,
    ...(plan.outputs.length === 0
      ? []
      : [`Outputs that change: ${listed(plan.outputs.map((name) => `\`${name}\``))}\n`]),
    `<sub>Applied once, as it is here (\`${digest.slice(0, 19)}\`), until ${plan.expiresAt}.</sub>\n`,
  ];
  return parts.join("\n");
}

function linesOf({ changes, shown }: ToldPlan["plan"]): string {
  if (shown !== undefined) return shown;
  const lines = changes.slice(0, mostResources).flatMap(({ address, action, from, reason, fields }) => [
    `${signs[action]} ${address}${from === null ? "" : ` (from ${from})`}${reason === null ? "" : `: ${reason}`}`,
    ...fields.slice(0, mostFields).map(({ path, before, after, sensitive, unknown, replaces }) => {
      const value = (given: string | null): string => (sensitive ? "(sensitive)" : (given ?? "–"));
      const later = unknown ? "(known after apply)" : value(after);
      return `    ${path}: ${value(before)} → ${later}${replaces ? "  # forces replacement" : ""}`;
    }),
    ...(fields.length > mostFields ? [`    … ${fields.length - mostFields} more`] : []),
  ]);
  return [...lines, ...(changes.length > mostResources ? [`… ${changes.length - mostResources} more`] : [])].join("\n");
}

/** A value may hold what would end the block that it stands in. */
const fenced = (text: string): string => {
  const safe = text.replaceAll(/`{3,}/gu, (ticks) => "`\u200b".repeat(ticks.length));
  return safe.length <= longestBlock ? safe : `${safe.slice(0, longestBlock)}\n… cut short`;
};

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 20).map((name) => (name.length <= 300 ? name : `${name.slice(0, 300)}…`));
  return names.length <= 20 ? shown.join(", ") : `${shown.join(", ")} and ${names.length - 20} more`;
};
