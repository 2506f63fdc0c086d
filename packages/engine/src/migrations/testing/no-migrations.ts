import type { MigrationReader } from "../migration-reader.ts";

/** What a plan says where nobody has migrations to read. */
export const noMigrations: MigrationReader = {
  facts: () => Promise.resolve([]),
  back: () => Promise.resolve([]),
  setOf: () => Promise.resolve(null),
  stateOf: () => Promise.resolve({ recorded: [] }),
};
