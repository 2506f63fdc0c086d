import { alembicLayout } from "./alembic-layout.ts";
import { drizzleLayout } from "./drizzle-layout.ts";
import { flywayLayout } from "./flyway-layout.ts";
import type { FolderFile, Layout, LayoutName } from "./layout.ts";
import { prismaLayout } from "./prisma-layout.ts";
import { sqlLayout } from "./sql-layout.ts";

/** Those that know themselves by a file of their own come first; plain SQL is what is left. */
const readers = [prismaLayout, drizzleLayout, flywayLayout, alembicLayout, sqlLayout];

/** Reads the migrations of a folder, whosever they are, or as those of a tool that is named. */
export function readLayout(files: readonly FolderFile[], of: LayoutName | null = null): Layout {
  const reader = readers.find((one) => (of === null ? one.isIts(files) : one.name === of));
  if (reader === undefined)
    return {
      name: of ?? "sql",
      migrations: [],
      problems: [
        {
          file: null,
          line: null,
          message: "there is no migration in this folder",
          hint: "Fairway knows folders of plain SQL, Prisma, Drizzle, Flyway and Alembic",
        },
      ],
    };
  return { name: reader.name, ...reader.read(files) };
}
