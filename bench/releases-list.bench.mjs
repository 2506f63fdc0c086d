import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedPostgres, openStore } from "@fairway/engine";
import { quantile, succeeded, withProduct } from "./product-parts.mjs";

export const name = "the status and a list of 50 with 1,000 releases that were all deployed, p99 of both together";
export const goal = { atMost: 100 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 200);
const releases = 1_000;
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz }
environments:
  place: { deploys: automatically, services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

/** A history like the one release that was really made: its runs, its deployments and itself, again and again. */
const history = [
  `insert into fairway.runs (kind, title, subject, requested_by, state, started_at, ended_at)
   select first.kind, first.title, first.subject, first.requested_by, first.state, first.started_at, first.ended_at
   from generate_series(2, ${releases}) as n, (values ('release'), ('deployment')) as k(kind),
     lateral (select * from fairway.runs where kind = k.kind order by number limit 1) as first order by n, first.number`,
  `insert into fairway.releases (number, run, digest, sha, contents)
   select row_number() over (order by r.number) + 1, r.id, 'digest of ' || r.id, first.sha, first.contents
   from fairway.runs r, fairway.releases first
   where first.number = 1 and r.kind = 'release' and r.id <> first.run`,
  `insert into fairway.deployments (run, environment, release, from_release, reason, digest, outcome, ended_at, place, stands_on)
   select d.id, first.environment, 'r' || d.n, 'r' || d.n - 1, first.reason, first.digest, 'deployed', now(),
     first.place + d.n - 1, first.place + d.n - 2
   from (select id, row_number() over (order by number) as n from fairway.runs where kind = 'deployment') as d, fairway.deployments first
   where d.n > 1 and first.release = 'r1'`,
  `select setval('fairway.deployments_place', (select max(place) from fairway.deployments))`,
  "analyze",
];

export async function run() {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "fairway-bench-")));
  const server = await openEmbeddedPostgres({ directory });
  process.env.DATABASE_URL = server.connectionString;
  try {
    return await withProduct(configuration, async ({ client }) => {
      const api = client();
      await succeeded(api, (await api.call("makeRelease", { by: "bench" })).id);
      const store = openStore({ connectionString: server.connectionString });
      for (const statement of history) await store.rows(statement);
      await store.close();
      const found = [];
      for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        const [{ environments }, list] = await Promise.all([
          api.call("status", {}),
          api.call("releases", { limit: 50 }),
        ]);
        found.push(performance.now() - began);
        if (list.length !== 50 || environments[0]?.current?.release !== `r${releases}`)
          throw new Error("the history that was written down is not what is told");
      }
      process.stderr.write(
        `  median ${quantile(found, 0.5).toFixed(1)} ms, longest ${Math.max(...found).toFixed(1)} ms\n`,
      );
      return { ours: quantile(found, 0.99), unit: "ms" };
    });
  } finally {
    delete process.env.DATABASE_URL;
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
