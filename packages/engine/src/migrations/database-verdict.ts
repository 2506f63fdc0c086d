import type { DatabaseBackFacts, RollbackSlot, RollbackVerdict } from "@fairway/core";
import { wayBackOfDatabase } from "@fairway/core";

/** What a rollback says of a service's database; null where it has none, or another part is asked about. */
export function databaseVerdict(facts: readonly DatabaseBackFacts[], slot: RollbackSlot): ReturnType<RollbackVerdict> {
  const found = slot.kind === "database" ? facts.find(({ service }) => service === slot.name) : undefined;
  if (found === undefined) return null;
  const { way, note, refused } = wayBackOfDatabase(found);
  return { way, note, expected: 0, ...(refused === null ? {} : { refused }) };
}
