import type { RollbackPlanShape } from "@fairway/api";
import { table } from "./table.ts";
import { bold, columns, dim, fit, harmless, markOf, wrap } from "./terminal.ts";
import { span } from "./times.ts";

/** How an environment would go back, part by part, as a person reads it before saying yes. */
export function rollbackLines(found: RollbackPlanShape, width: number = columns()): readonly string[] {
  const { plan, parts, expected, joins, stops, quarantines, warnings } = found;
  const { environment, release, from, revision } = plan;
  const after = new Map(plan.rollouts.map((rollout) => [rollout.service, rollout.after]));
  const rows = parts.map(({ name, kind, way, expected: time, note }) => [
    name,
    kind,
    kind === "database" ? (way === "compensate" ? "taken back" : "stays") : way,
    time === null ? "–" : span(time),
    after.get(name)?.join(", ") || "–",
    kind === "database" ? "" : (note ?? ""),
  ]);
  const moving = rows.some(([, , , , , note]) => note !== "");
  const headings = ["part", "kind", "way", "expected", "after", ...(moving ? ["note"] : [])];
  return [
    bold(fit(`roll ${environment} back to ${release}`, width)),
    ...wrap(`${revision.short} ${harmless(revision.subject)} by ${harmless(revision.author)}`, width),
    from === null ? "nothing runs there yet" : `${from} runs there now`,
    ...(stops === null ? [] : wrap(`${stops} is on its way there; it is stopped`, width)),
    "",
    ...table(headings, moving ? rows : rows.map((row) => row.slice(0, -1)), width),
    ...schemaLines(found, width),
    ...plan.retired.flatMap((service) => wrap(`${service} ends: the release does not have it`, width)),
    "",
    ...wrap(
      expected === null
        ? "nothing like it was done here yet, so nobody knows how long it takes"
        : `takes about ${span(expected)}`,
      width,
    ).map(dim),
    ...(quarantines === null
      ? []
      : wrap(`${quarantines} goes into quarantine: nothing deploys it until it is lifted`, width)),
    ...(joins === null ? [] : wrap(`${joins} does that already`, width)),
    ...warnings.flatMap((warning) => marked(markOf("waiting"), warning, width)),
    ...plan.obstacles.flatMap((obstacle) => marked(markOf("failed"), obstacle, width)),
  ];
}

/**
 * What becomes of each database on the way back: whether the release that comes back runs on its schema, and what makes it so.
 */
export const schemaLines = (
  { parts }: Pick<RollbackPlanShape, "parts">,
  width: number = columns(),
): readonly string[] =>
  parts.flatMap(({ name, kind, note }) =>
    kind === "database" && note !== null ? wrap(`schema of ${name}: ${harmless(note)}`, width) : [],
  );

const marked = (mark: string, text: string, width: number): readonly string[] =>
  wrap(harmless(text), width, "  ").map((line, index) => (index === 0 ? `${mark} ${line.slice(2)}` : line));
