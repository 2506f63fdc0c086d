import type { LintRule } from "./rule.ts";
import { isUsed } from "./rule.ts";

/** About indexes, which are built beside the traffic or in its way. */
export const indexRules: readonly LintRule[] = [
  {
    id: "index-not-concurrent",
    severity: "error",
    why: "CREATE INDEX lets nobody write to the table until the whole index is built.",
    instead: "CREATE INDEX CONCURRENTLY, in a migration of its own that runs outside of a transaction",
    find: (change, seen) =>
      change.do === "create index" && !change.concurrently && isUsed(change.table, seen)
        ? `no row of ${change.table} can be written while this index is built`
        : null,
  },
  {
    id: "drop-index-not-concurrent",
    severity: "warning",
    why: "DROP INDEX waits for every query on the table, and everybody else waits behind it.",
    instead: "DROP INDEX CONCURRENTLY, in a migration of its own that runs outside of a transaction",
    find: (change) =>
      change.do === "drop index" && !change.concurrently
        ? `dropping ${change.name} locks its table against reading and writing`
        : null,
  },
  {
    id: "reindex-not-concurrent",
    severity: "error",
    why: "REINDEX lets nobody write to the table, and nobody use the index, until it is done.",
    instead: "REINDEX … CONCURRENTLY",
    find: (change) =>
      change.do === "reindex" && !change.concurrently ? `${change.name} cannot be written while it is rebuilt` : null,
  },
  {
    id: "concurrently-in-transaction",
    severity: "error",
    why: "PostgreSQL refuses CONCURRENTLY within a transaction, and most tools wrap a migration in one.",
    instead: "a migration of its own that is told to run outside of a transaction",
    find: (change, seen) =>
      "concurrently" in change && change.concurrently && seen.transaction && change.do !== "refresh view"
        ? "CONCURRENTLY cannot run inside of a transaction"
        : null,
  },
  {
    id: "concurrent-index-if-not-exists",
    severity: "warning",
    why: "An index whose concurrent build failed stays behind as invalid, and IF NOT EXISTS takes it for one that works.",
    instead: "DROP INDEX CONCURRENTLY IF EXISTS first, then CREATE INDEX CONCURRENTLY without IF NOT EXISTS",
    find: (change) =>
      change.do === "create index" && change.concurrently && change.ifNotExists
        ? "an invalid index that an earlier try left behind would be kept as if it worked"
        : null,
  },
  {
    id: "index-without-name",
    severity: "warning",
    why: "Without a name PostgreSQL makes one up, and the way back has to guess it.",
    instead: "give the index a name",
    find: (change) => (change.do === "create index" && change.name === null ? "the index has no name" : null),
  },
  {
    id: "refresh-view-not-concurrent",
    severity: "warning",
    why: "REFRESH MATERIALIZED VIEW lets nobody read the view until it is filled again.",
    instead: "REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index on the view",
    find: (change) =>
      change.do === "refresh view" && !change.concurrently ? `${change.view} cannot be read meanwhile` : null,
  },
];
