import type { Project } from "@fairway/core";
import { asJson } from "../stages/release-run.ts";
import { noticesSeen } from "./notices.ts";
import { setting } from "./settings.ts";
import type { Sql } from "./store.ts";
import { json } from "./store.ts";

/** The newest configuration that a release was made of. */
export interface NewestProject {
  /** Null before the first release. */
  read(): Promise<Project | null>;
  keep(project: Project): Promise<void>;
}

const name = "project";

/**
 * Together with the place from which channels hear: they hear of all that happens once they are kept, and not only of what
 * comes after the next look.
 */
const keptWithPlace = (sql: Sql, project: Project): Promise<unknown> =>
  sql.rows(
    `with kept as (
       insert into fairway.settings (name, value) values ($1, $2)
       on conflict (name) do update set value = excluded.value)
     insert into fairway.settings (name, value)
     select $3, to_json(coalesce(max(seq), 0)) from fairway.events having $4::boolean
     on conflict (name) do update set value = excluded.value where json_typeof(fairway.settings.value) <> 'number'`,
    [name, json(asJson(project)), noticesSeen, (project.notices ?? []).length > 0],
  );

/**
 * Read once and remembered until another is kept: every request asks for it, some more than once, and whoever has claimed the
 * database is the only one who writes it.
 */
export function newestProject(sql: Sql): NewestProject {
  let known: Promise<Project | null> | undefined;
  async function look(): Promise<Project | null> {
    return ((await setting(sql, name)) ?? null) as unknown as Project | null;
  }
  return {
    read() {
      if (known !== undefined) return known;
      const looking = look();
      known = looking;
      looking.catch(() => {
        if (known === looking) known = undefined;
      });
      return looking;
    },
    async keep(project) {
      try {
        await keptWithPlace(sql, project);
      } finally {
        // Also when it failed: it may have been written before the answer was lost.
        known = undefined;
      }
    },
  };
}

/** The environments of it, as they are now; none before the first release. */
export async function environmentNames(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.rows<{ name: string }>(
    `select one->>'name' as name from fairway.settings s, json_array_elements(s.value->'environments') one
     where s.name = $1 and json_typeof(s.value) = 'object'`,
    [name],
  );
  return rows.map((row) => row.name);
}
