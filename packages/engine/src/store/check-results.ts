import type { CheckFile, CheckKind, CheckStatus, CheckTest, Millis, ReleaseId, RunId, Timestamp } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql, Store } from "./store.ts";
import { json, text } from "./store.ts";

/** When a check of what runs was asked. */
export type CheckOccasion = "deployment" | "verification" | "bake" | "schedule";

/** What a check of what runs came to. */
export interface NewCheckResult {
  /** Written once for each, however often it is told. */
  readonly key: string;
  readonly environment: string;
  readonly release: ReleaseId;
  readonly name: string;
  readonly kind: CheckKind;
  readonly occasion: CheckOccasion;
  /** The label of where it was asked from. */
  readonly location: string;
  readonly status: CheckStatus;
  readonly summary: string;
  readonly tests: readonly CheckTest[];
  /** Tests that failed and passed with the same release. */
  readonly flaky: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
  readonly files: readonly CheckFile[];
  readonly run: RunId | null;
  readonly startedAt: Timestamp;
  readonly took: Millis;
}

/** The same, by its number. */
export interface CheckResult extends Omit<NewCheckResult, "key"> {
  readonly id: number;
}

interface Row extends Omit<CheckResult, "id" | "startedAt"> {
  readonly id: string;
  readonly started_at: Date;
}

const columns =
  "id, environment, release, name, kind, occasion, location, status, summary, tests, flaky, figures, files, run, started_at, took";

const resultOf = ({ id, started_at, ...row }: Row): CheckResult => ({
  ...row,
  id: Number(id),
  startedAt: started_at.toISOString(),
});

/** Keeps a result, once by its key. Answers with its number. */
export async function keepCheckResult(store: Store, result: NewCheckResult): Promise<number> {
  return store.transaction(async (tx) => {
    const [row] = await tx.rows<{ readonly id: string }>(
      `insert into fairway.check_results
         (key, environment, release, name, kind, occasion, location, status, summary, tests, flaky, figures, files, run, started_at, took)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       on conflict (key) do nothing returning id`,
      [
        text(result.key),
        result.environment,
        result.release,
        result.name,
        result.kind,
        result.occasion,
        result.location,
        result.status,
        text(result.summary),
        json(result.tests),
        result.flaky.map(text),
        json(result.figures),
        json(result.files),
        result.run,
        result.startedAt,
        Math.min(Math.round(result.took), 2_147_483_647),
      ],
    );
    if (row === undefined) {
      const [known] = await tx.rows<{ readonly id: string }>("select id from fairway.check_results where key = $1", [
        text(result.key),
      ]);
      return Number(known?.id ?? 0);
    }
    const { environment, release, name, status, location, occasion } = result;
    const id = Number(row.id);
    const [last] = await tx.rows<{ readonly status: CheckStatus }>(
      `select status from fairway.check_results
       where environment = $1 and name = $2 and location = $3 and occasion = $4 and id < $5 order by id desc limit 1`,
      [environment, name, location, occasion, id],
    );
    tx.emit({
      kind: "check.finished",
      subject: environment,
      body: { id, release, name, status, location, occasion, before: last?.status ?? null },
    });
    return id;
  });
}

/** Whether a result with this key was kept. */
export async function hasCheckResult(sql: Sql, key: string): Promise<boolean> {
  return (await sql.rows("select 1 from fairway.check_results where key = $1", [text(key)])).length > 0;
}

/** Which results to list. */
export interface CheckFilter {
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
  readonly name?: string | undefined;
  readonly run?: string | undefined;
  readonly occasion?: CheckOccasion | undefined;
  readonly location?: string | undefined;
  /** Only those in which a test failed and passed with the same release. */
  readonly flaky?: boolean | undefined;
  /** Only smaller numbers: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Results, the newest first. */
export async function listCheckResults(sql: Sql, filter: CheckFilter): Promise<readonly CheckResult[]> {
  const found = await sql.rows<Row>(
    `select ${columns} from fairway.check_results
     where ($1::text is null or environment = $1) and ($2::text is null or release = $2) and ($3::text is null or name = $3)
       and ($4::text is null or run = $4) and ($5::text is null or occasion = $5) and ($6::text is null or location = $6)
       and (not $7 or cardinality(flaky) > 0) and ($8::bigint is null or id < $8)
     order by id desc limit $9`,
    [
      filter.environment ?? null,
      filter.release ?? null,
      filter.name ?? null,
      filter.run ?? null,
      filter.occasion ?? null,
      filter.location ?? null,
      filter.flaky ?? false,
      filter.before ?? null,
      filter.limit,
    ],
  );
  return found.map(resultOf);
}

/** Throws `not_found`. */
export async function checkResultById(sql: Sql, id: number): Promise<CheckResult> {
  const [row] = await sql.rows<Row>(`select ${columns} from fairway.check_results where id = $1`, [id]);
  if (row !== undefined) return resultOf(row);
  throw new FairwayError("not_found", `there is no result ${id}`, { hint: "see: fairway checks" });
}

/** What was measured under load of the release before, the last time that it passed; null where nothing was. */
export async function figuresOfBefore(
  sql: Sql,
  { environment, name, release }: Pick<NewCheckResult, "environment" | "name" | "release">,
): Promise<Readonly<Record<string, number>> | null> {
  const [row] = await sql.rows<{ readonly figures: Readonly<Record<string, number>> }>(
    `select figures from fairway.check_results
     where environment = $1 and name = $2 and release <> $3 and kind = 'load' and status = 'passed' order by id desc limit 1`,
    [environment, name, release],
  );
  return row?.figures ?? null;
}

/** Forgets results from before a moment; those of the releases that run now and the newest of each check stay. */
export async function forgetCheckResults(sql: Sql, before: Timestamp): Promise<readonly number[]> {
  const gone = await sql.rows<{ readonly id: string }>(
    `delete from fairway.check_results r where started_at < $1
       and id < (select max(id) from fairway.check_results n where n.environment = r.environment and n.name = r.name and n.location = r.location)
     returning id`,
    [before],
  );
  return gone.map(({ id }) => Number(id));
}
