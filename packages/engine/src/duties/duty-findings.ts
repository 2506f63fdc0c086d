import type { DutyPlan, EndingToken, DutyFindings, SecretSource } from "@fairway/core";
import { dayOf, inventoryDrift } from "@fairway/core";
import { environmentNames } from "../store/newest-project.ts";
import { secretNames } from "../store/secrets.ts";
import type { Sql } from "../store/store.ts";

/** What it is found out with. */
export interface DutyFindingsParts {
  readonly store: Sql;
  /** What has secrets that the store has not, such as files. */
  readonly secrets?: Pick<SecretSource, "versions">;
  readonly now: () => number;
}

/** Finds out what is owed though no file says it: of a key nothing but its name is asked. */
export const dutyFindings =
  ({ store, secrets, now }: DutyFindingsParts) =>
  async (plan: DutyPlan): Promise<DutyFindings> => {
    const at = now();
    const [tokens, stored, environments] = await Promise.all([
      endingTokens(store, at),
      secretNames(store),
      environmentNames(store),
    ]);
    const drift = inventoryDrift(plan, stored);
    const elsewhere = await Promise.all(
      drift.map(async ({ environment, name, drift: how }) =>
        how === "absent" && (await isElsewhere(secrets, environment, name)) ? [{ environment, name }] : [],
      ),
    );
    return {
      ...{ day: dayOf(at), tokens, drift: inventoryDrift(plan, [...stored, ...elsewhere.flat()]) },
      ...(environments.length === 0 ? {} : { environments }),
    };
  };

/** What cannot be read helps nobody who needs it, and is as good as away. */
const isElsewhere = async (
  secrets: DutyFindingsParts["secrets"],
  environment: string,
  name: string,
): Promise<boolean> =>
  secrets?.versions?.(environment, [name]).then(
    (versions) => Object.hasOwn(versions, name),
    () => false,
  ) ?? false;

const day = 86_400_000;

/**
 * Those that end within two weeks, or ended in the last two: by then whoever missed it has noticed. One that was made for no
 * longer than that was meant to end.
 */
export async function endingTokens(sql: Sql, now: number): Promise<readonly EndingToken[]> {
  const rows = await sql.rows<{ number: string; name: string; owner_name: string; expires_at: Date }>(
    `select number, name, owner_name, expires_at from fairway.api_tokens
     where revoked_at is null and expires_at - created_at > interval '14 days'
       and expires_at > $1::timestamptz - interval '15 days' and expires_at < $1::timestamptz + interval '15 days'
     order by expires_at, number limit 1000`,
    [new Date(now)],
  );
  const today = Date.parse(dayOf(now));
  return rows
    .map(({ number, name, owner_name: owner, expires_at: ends }) => ({
      ...{ id: `t${number}`, name, owner, expiresAt: ends.toISOString() },
    }))
    .filter(({ expiresAt }) => Math.abs(Date.parse(expiresAt.slice(0, 10)) - today) <= 14 * day);
}
