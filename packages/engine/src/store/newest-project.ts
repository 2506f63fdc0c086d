import type { Project } from "@fairway/core";
import { asJson } from "../stages/release-run.ts";
import { keepSetting, setting } from "./settings.ts";
import type { Sql } from "./store.ts";

/** The newest configuration that a release was made of. */
export interface NewestProject {
  /** Null before the first release. */
  read(): Promise<Project | null>;
  keep(project: Project): Promise<void>;
}

const name = "project";

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
        await keepSetting(sql, name, asJson(project));
      } finally {
        // Also when it failed: it may have been written before the answer was lost.
        known = undefined;
      }
    },
  };
}
