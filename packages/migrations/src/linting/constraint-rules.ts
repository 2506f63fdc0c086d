import type { SchemaChange } from "../reading/schema-change.ts";
import type { LintRule } from "./rule.ts";
import { isUsed } from "./rule.ts";
import type { Seen } from "./seen.ts";

type Added = SchemaChange & { do: "add constraint" };

/** A constraint that is added to a table that others use, and proven at once. */
const added = (change: SchemaChange, seen: Seen, kinds: readonly Added["kind"][]): Added | null =>
  change.do === "add constraint" && kinds.includes(change.kind) && isUsed(change.table, seen) ? change : null;

/** About constraints, which are proven beside the traffic or in its way. */
export const constraintRules: readonly LintRule[] = [
  {
    id: "foreign-key-without-not-valid",
    severity: "error",
    why: "Adding a foreign key reads the whole table while nobody can write to it, nor to the one it refers to.",
    instead: "add it NOT VALID, and VALIDATE CONSTRAINT in a later migration",
    find: (change, seen) => {
      const found = added(change, seen, ["foreign key"]);
      return found !== null && !found.notValid
        ? `neither ${found.table} nor ${found.references ?? "the other table"} can be written while every row is checked`
        : null;
    },
  },
  {
    id: "check-without-not-valid",
    severity: "error",
    why: "Adding a check reads the whole table while nobody can use it.",
    instead: "add it NOT VALID, and VALIDATE CONSTRAINT in a later migration",
    find: (change, seen) => {
      const found = added(change, seen, ["check", "not null"]);
      return found !== null && !found.notValid ? `${found.table} cannot be used while every row is checked` : null;
    },
  },
  {
    id: "unique-without-index",
    severity: "error",
    why: "Adding a unique constraint or a primary key builds its index while nobody can use the table.",
    instead: "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX",
    find: (change, seen) => {
      const found = added(change, seen, ["unique", "primary key"]);
      return found !== null && !found.usingIndex
        ? `${found.table} cannot be used while the index of this ${found.kind} is built`
        : null;
    },
  },
  {
    id: "exclusion-constraint",
    severity: "error",
    why: "An exclusion constraint is built and proven while nobody can use the table, and there is no way to do it beside them.",
    instead: "make it on a new table and move the rows over, or do it while the service is in maintenance",
    find: (change, seen) => {
      const found = added(change, seen, ["exclude"]);
      return found === null ? null : `${found.table} cannot be used while every row is compared with every other`;
    },
  },
  {
    id: "validate-in-same-transaction",
    severity: "error",
    why: "In the transaction that added the constraint, its lock is still held while VALIDATE reads the whole table.",
    instead: "VALIDATE CONSTRAINT in a later migration",
    find: (change, seen) =>
      change.do === "validate constraint" && seen.notValid.has(change.name)
        ? `${change.table} is still locked by the statement that added ${change.name}`
        : null,
  },
  {
    id: "constraint-without-name",
    severity: "warning",
    why: "Without a name PostgreSQL makes one up, and the way back has to guess it.",
    instead: "ADD CONSTRAINT with a name",
    find: (change) =>
      change.do === "add constraint" && change.name === null && change.kind !== "primary key"
        ? `this ${change.kind} has no name`
        : null,
  },
  {
    id: "attach-partition-without-check",
    severity: "warning",
    why: "ATTACH PARTITION reads the whole new partition, locked, unless a check proves already that its rows belong there.",
    instead: "add a check with the partition's bounds NOT VALID, validate it, attach, and drop the check",
    find: (change, seen) =>
      change.do === "attach partition" && isUsed(change.partition, seen)
        ? `every row of ${change.partition} is read while it is attached`
        : null,
  },
  {
    id: "detach-partition-not-concurrent",
    severity: "warning",
    why: "DETACH PARTITION lets nobody use the whole table for its moment, and waits for every query before it.",
    instead: "DETACH PARTITION … CONCURRENTLY",
    find: (change) =>
      change.do === "detach partition" && !change.concurrently
        ? `${change.table} cannot be used until every query before has ended`
        : null,
  },
];
