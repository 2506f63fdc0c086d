import type { Project } from "@fairway/core";
import type { StandingService } from "../rollouts/places.ts";
import { livePreviews } from "../store/previews.ts";
import type { Sql } from "../store/store.ts";

export interface OrphanParts {
  readonly store: Sql;
  /** The newest configuration, which says what environments there are. */
  readonly project: () => Promise<Project | null>;
  readonly forge: () => Promise<{ readonly project: Project | null }>;
}

/**
 * The environments, of those that the machine has something of, that were previews and are none any more. What a configuration
 * names, or was deployed to as anything else, is nobody's to take away.
 */
export async function orphansAmong(
  parts: OrphanParts,
  standing: readonly StandingService[],
): Promise<readonly string[]> {
  const there = [...new Set(standing.map(({ environment }) => environment))];
  if (there.length === 0) return [];
  // Read after the machine's own lists: one that is opened meanwhile is among them.
  const live = new Set((await livePreviews(parts.store)).map(({ name }) => name));
  const configured = new Set(
    [await parts.project(), (await parts.forge()).project]
      .flatMap((project) => project?.environments ?? [])
      .map(({ name }) => name),
  );
  const rows = await parts.store.rows<{ name: string }>(
    "select distinct name from fairway.previews where name = any($1)",
    [there],
  );
  const known = new Set(rows.map(({ name }) => name));
  const deployed = await parts.store.rows<{ environment: string }>(
    `select distinct d.environment from fairway.deployments d join fairway.releases r on r.id = d.release
     where d.environment = any($1) and r.preview is null`,
    [there],
  );
  const others = new Set(deployed.map(({ environment }) => environment));
  return there.filter(
    (name) =>
      !live.has(name) && !configured.has(name) && !others.has(name) && (known.has(name) || /^pr-\d+$/u.test(name)),
  );
}
