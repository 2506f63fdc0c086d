import type { LintRule } from "@fairway/migrations";
import { lintRules } from "@fairway/migrations";

/** The page of what the lint of migrations looks for. */
export function migrationRulesReference(): string {
  return `# Rules for migrations

<!-- Written from packages/migrations/src/linting/ by tools/generate-reference.mjs; a test fails when it differs. -->

What \`fairway migrations lint\` looks for. An *error* stops users on a table of some size; a *warning* is a habit that ends
badly. Statements on a table that the same migration made are let be: nobody uses it yet.

${lintRules.map(section).join("\n\n")}
`;
}

const section = ({ id, severity, why, instead }: LintRule): string =>
  `## ${id}\n\n*${severity}* · ${why}\n\nInstead: ${instead}.`;
