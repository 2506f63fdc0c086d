/** What a link to the record holds: which entries. */
export interface AuditSearch {
  readonly actor?: string;
  /** A word of the list, or an area of it. */
  readonly action?: string;
  readonly subject?: string;
  readonly environment?: string;
  /** Days, as `2026-11-22`. */
  readonly since?: string;
  readonly until?: string;
}

const names = ["actor", "action", "subject", "environment", "since", "until"] as const;

/** What of a link's search is meant. What looks like a number was one in the link's text too. */
export function auditSearchOf(search: Readonly<Record<string, unknown>>): AuditSearch {
  const text = (value: unknown): string =>
    typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return Object.fromEntries(names.flatMap((name) => (text(search[name]) === "" ? [] : [[name, text(search[name])]])));
}

/** The same for the command line. */
export function auditCommand(search: AuditSearch): string {
  const flags = { ...search, environment: undefined, env: search.environment };
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`--${name} ${/^[\w.:-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`}`],
  );
  return ["fairway audit list", ...given].join(" ");
}
