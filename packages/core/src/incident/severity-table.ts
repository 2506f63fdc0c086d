import type { Impact, IncidentScope, Severity } from "./incident.ts";

/** How severity is proposed: by how bad it is and for how many, and by words that tell of both. */
export interface SeverityTable {
  readonly table: Readonly<Record<Impact, Readonly<Record<IncidentScope, Severity>>>>;
  /** In their order: the first that fits counts, unless a later one is worse. */
  readonly words: readonly {
    readonly any: readonly string[];
    readonly impact: Impact;
    readonly scope: IncidentScope;
  }[];
}

/** What holds where a project says nothing. */
export const usualSeverities: SeverityTable = {
  table: {
    outage: { all: 1, some: 2, one: 3 },
    degraded: { all: 2, some: 3, one: 4 },
    minor: { all: 3, some: 4, one: 4 },
  },
  words: [],
};

/** What a table proposes, with the rule that says so. */
export interface ProposedSeverity {
  readonly impact: Impact;
  readonly scope: IncidentScope;
  readonly severity: Severity;
  /** A sentence for whoever confirms it. */
  readonly rule: string;
}

/** The severity that a table proposes of what somebody said; of several rules the worst. */
export function proposedSeverity(
  { table, words }: SeverityTable,
  { impact, scope, text }: { readonly impact: Impact; readonly scope: IncidentScope; readonly text: string },
): ProposedSeverity {
  const said: ProposedSeverity = { impact, scope, severity: table[impact][scope], rule: `${impact} for ${scope}` };
  const plain = ` ${text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, " ")} `;
  let worst = said;
  for (const rule of words) {
    const found = rule.any.find((word) =>
      plain.includes(
        ` ${word
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
          .trim()} `,
      ),
    );
    if (found === undefined) continue;
    const severity = table[rule.impact][rule.scope];
    if (severity < worst.severity)
      worst = {
        ...{ impact: rule.impact, scope: rule.scope, severity },
        rule: `"${found}": ${rule.impact} for ${rule.scope}`,
      };
  }
  return worst;
}
