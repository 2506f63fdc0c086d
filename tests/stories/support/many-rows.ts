import type { Fairway } from "./fairway-under-test.ts";
import { by } from "./fairway-under-test.ts";
import { inDatabase } from "./in-database.ts";

/** As many as a busy team has of each after some years. */
export const many = 10_000;
/** As many as a file of duties can hold. */
export const manyDuties = 800;
/** More than a page of them. */
export const manyTasks = 150;
/** As many as a set of flags can hold. */
export const manyFlags = 2_000;
/** Of the incidents. */
export const manyOver = 150;
/** As many as one review takes. */
export const manyPrincipals = 5_000;

/**
 * A history like the first release that was really made: it, its runs and its deployment again and again, each with a title of
 * its own.
 */
const history = [
  `insert into fairway.runs (kind, title, subject, requested_by, state, started_at, ended_at)
   select first.kind, first.title || ' again ' || n, first.subject, first.requested_by, first.state, first.started_at, first.ended_at
   from generate_series(2, ${many}) as n, (values ('release'), ('deployment')) as k(kind),
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
];

/** The older of them are over: more than a page of them. */
const incidents = `insert into fairway.incidents (title, environment, release, impact, scope, proposed, opened_by, closed_at, closed_by)
  select 'orders wait, ' || n || ' of them', 'staging', 'r1', 'degraded', 'some', 3, 'ada', case when n <= ${manyOver} then now() end,
    case when n <= ${manyOver} then 'ada' end
  from generate_series(1, ${many}) as n`;

const notices = `insert into fairway.notices (channel, about, thread, notice, state, ended_at)
  select first.channel, 'about ' || n, 'thread ' || n, first.notice, 'told', now()
  from generate_series(1, ${many}) as n, (select * from fairway.notices order by number limit 1) as first`;

/** Fills what a project has been given over years: through the API what that takes in at once, the rest as its rows. */
export async function fillWithRows({ client, data }: Fairway, reviewed: string): Promise<void> {
  const names = Array.from({ length: many }, (_, at) => String(at));
  await client.call("importSecrets", {
    ...{ environment: null, by },
    values: Object.fromEntries(names.map((at) => [`KEY_${at}`, `the value number ${at}`])),
  });
  const flag = { state: "ENABLED", variants: { on: true, off: false }, defaultVariant: "off" };
  await client.call("importFlags", {
    ...{ environment: "staging", by, reason: "from elsewhere" },
    set: { flags: Object.fromEntries(names.slice(0, manyFlags).map((at) => [`flag-${at}`, flag])) },
  });
  await client.call("openAccessReview", {
    ...{ by, duty: reviewed, system: "aws:123456789012" },
    principals: names.slice(0, manyPrincipals).map((at) => ({
      ...{ principal: `person-${at}`, kind: "user" as const, access: ["Deploy"], lastUsed: null, concerns: [] },
    })),
  });
  await inDatabase(data, [...history, incidents, notices, "analyze"]);
}
