import type { FreezeOverride, RunId } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** Who wants a deployment to go through a freeze, first come first. */
export async function freezeOverrides(sql: Sql, run: RunId): Promise<readonly FreezeOverride[]> {
  const found = await sql.rows<Omit<FreezeOverride, "at"> & { readonly at: Date }>(
    `select person, by_whom as by, because, at from fairway.freeze_overrides where run = $1 order by at, person`,
    [run],
  );
  return found.map(({ at, ...override }) => ({ ...override, at: at.toISOString() }));
}

/** Writes down that somebody does; false when they had said so already. */
export async function recordOverride(
  tx: Transaction,
  run: RunId,
  { person, by, because }: Omit<FreezeOverride, "at">,
): Promise<boolean> {
  const written = await tx.rows(
    `insert into fairway.freeze_overrides (run, person, by_whom, because) values ($1, $2, $3, $4)
     on conflict do nothing returning run`,
    [run, text(person), text(by), text(because)],
  );
  return written.length > 0;
}
