import { Client } from "pg";
import { expect } from "vitest";

/** An effect that a target took. */
interface Effect {
  readonly seq: number;
  readonly scope: string;
  readonly epoch: number;
  readonly run: string;
  readonly attempt: string;
  readonly step: string;
  readonly nonce: string;
}

/** Runs something with a connection of its own. */
export async function asking<Result>(
  connectionString: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(connectionString);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the tables of a target that writes down all that it does. */
export const makeTarget = (connectionString: string): Promise<unknown> =>
  asking(connectionString, (client) =>
    client.query(`create schema target;
      create table target.scopes (scope text primary key, seen bigint not null default 0);
      create table target.effects (seq bigint primary key generated always as identity, scope text, epoch bigint, run text,
        attempt text, step text, nonce text, pid integer)`),
  );

/**
 * Holds what the target did against what was recorded: every acknowledged run succeeded, no effect came from a holder that
 * another had replaced, no step was done again once it was recorded, and no two runs acted on one environment in turns.
 */
export async function expectNothingLostOrRepeated(
  connectionString: string,
  acknowledged: readonly string[],
): Promise<void> {
  await asking(connectionString, async (client) => {
    const { rows: runs } = await client.query<{ id: string; state: string }>(
      "select id, state, (select string_agg(reason, '; ') from fairway.jobs where run = id) from fairway.runs order by number",
    );
    expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining([...new Set(acknowledged)]));
    expect(runs.filter(({ state }) => state !== "succeeded")).toEqual([]);
    const { rows: effects } = await client.query<Effect>(
      "select seq::int as seq, scope, epoch::int as epoch, run, attempt, step, nonce from target.effects order by seq",
    );
    const { rows: jobs } = await client.query<{ id: string; result: string[] }>(
      "select run || '/' || name || '/' || attempt as id, result from fairway.jobs where stage = 'act'",
    );
    for (const { id, result } of jobs)
      result.forEach((nonce, index) => {
        const done = effects.filter(({ attempt, step }) => attempt === id && step === `step ${index + 1}`);
        expect(done.at(-1)?.nonce, `${id} step ${index + 1} was done after it was recorded`).toBe(nonce);
      });
    for (const scope of new Set(effects.map((effect) => effect.scope))) {
      const here = effects.filter((effect) => effect.scope === scope);
      expect(here.map(({ epoch }) => epoch)).toEqual(here.map(({ epoch }) => epoch).toSorted((a, b) => a - b));
      const turns = here.map(({ run }) => run).filter((run, index, all) => run !== all[index - 1]);
      expect(turns, `two runs acted on ${scope} in turns`).toEqual([...new Set(turns)]);
    }
    const { rows: steps } = await client.query("select from fairway.steps where state <> 'succeeded'");
    expect(steps).toHaveLength(0);
  });
}
