import type { Digest, RunId } from "@fairway/core";
import type { GreenCheck } from "../stages/release-run.ts";
import type { Sql } from "./store.ts";

/** For each check that has said yes to these inputs, by `service/check`, where it did so last. */
export async function greenChecks(
  sql: Sql,
  inputs: ReadonlyMap<string, Digest>,
): Promise<ReadonlyMap<string, GreenCheck>> {
  // The digest is taken over the service's name and all its checks too, so it stands for one form of one service.
  const found = await sql.rows<{ service: string; name: string; run: RunId; short: string }>(
    `select distinct on (service, name) input->'service'->>'name' as service, input->>'check' as name, run,
       input->'revision'->>'short' as short
     from fairway.jobs
     where stage = 'check' and state = 'succeeded' and input->>'inputs' = any($1)
       and input->>'untrusted' is null
     order by service, name, ended_at desc`,
    [[...inputs.values()]],
  );
  return new Map(found.map(({ service, name, run, short }) => [`${service}/${name}`, { run, short }]));
}
