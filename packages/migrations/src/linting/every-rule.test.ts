import { beforeAll, describe, expect, test } from "vitest";
import { loadSqlParser } from "../reading/read-sql.ts";
import { lintRules } from "./every-rule.ts";
import { judgeMigrations } from "./judge-migration.ts";

beforeAll(loadSqlParser);

/** The tables that the examples change. */
const before = `create table shop.orders (id bigint primary key);
create table orders (id bigint primary key, note varchar(20), total numeric(8,2), state order_state, parent bigint, at timestamptz);
create table people (id bigint primary key, name text);`;

function found(sql: string, transaction = true): readonly string[] {
  const [, judged] = judgeMigrations([
    { id: "1", file: "1.sql", sql: before, transaction: true },
    { id: "2", file: "2.sql", sql, transaction },
  ]);
  expect(judged?.problems).toEqual([]);
  return judged?.findings.map(({ rule }) => rule) ?? [];
}

const timeout = "set lock_timeout = '5s';";

interface Example {
  readonly bad: readonly string[];
  readonly good: readonly string[];
  /** Set where the tool runs it outside of a transaction. */
  readonly alone?: true;
}

const examples: Readonly<Record<string, Example>> = {
  "index-not-concurrent": {
    bad: ["create index i on orders (note)", "create unique index i on shop.orders (id)"],
    good: ["create index concurrently i on orders (note)", "create table t (id int); create index i on t (id)"],
    alone: true,
  },
  "drop-index-not-concurrent": { bad: ["drop index i"], good: ["drop index concurrently i"], alone: true },
  "reindex-not-concurrent": {
    bad: ["reindex table orders", "reindex index i"],
    good: ["reindex table concurrently orders", "reindex (concurrently) index i"],
    alone: true,
  },
  "concurrently-in-transaction": {
    bad: ["create index concurrently i on orders (note)", "drop index concurrently i"],
    good: ["commit; create index concurrently i on orders (note)", "create index i on orders (note)"],
  },
  "concurrent-index-if-not-exists": {
    bad: ["create index concurrently if not exists i on orders (note)"],
    good: ["create index concurrently i on orders (note)"],
    alone: true,
  },
  "index-without-name": { bad: ["create index on orders (note)"], good: ["create index i on orders (note)"] },
  "refresh-view-not-concurrent": {
    bad: ["refresh materialized view m"],
    good: ["refresh materialized view concurrently m"],
  },
  "add-required-column": {
    bad: ["alter table orders add column x int not null"],
    good: [
      "alter table orders add column x int",
      "alter table orders add column x int not null default 3",
      "create table t (); alter table t add column x int not null",
    ],
  },
  "add-column-rewrites-table": {
    bad: [
      "alter table orders add column x uuid default gen_random_uuid()",
      "alter table orders add column x bigserial",
      "alter table orders add column x bigint generated always as identity",
      "alter table orders add column x int generated always as (id * 2) stored",
      "alter table orders add column x timestamptz default clock_timestamp()",
      "alter table orders add column x text default our_function()",
    ],
    good: [
      "alter table orders add column x timestamptz default now()",
      "alter table orders add column x timestamptz default current_timestamp not null",
      "alter table orders add column x jsonb default '{}'::jsonb",
      "alter table orders add column x int generated always as (id * 2) virtual",
    ],
  },
  "add-column-with-constraint": {
    bad: [
      "alter table orders add column x int unique",
      "alter table orders add column x int references people (id)",
      "alter table orders add column x int check (x > 1)",
    ],
    good: ["alter table orders add column x int", "alter table orders add column x int default 1 not null"],
  },
  "change-column-type": {
    bad: [
      "alter table orders alter column id type int",
      "alter table orders alter column note type varchar(10)",
      "alter table orders alter column total type numeric(10,4)",
      "alter table orders alter column unknown type text",
      "alter table orders alter column note type text using upper(note)",
    ],
    good: [
      "alter table orders alter column note type varchar(40)",
      "alter table orders alter column note type text",
      "alter table orders alter column total type numeric(12,2)",
      "alter table orders alter column total type numeric",
    ],
  },
  "set-not-null": {
    bad: [
      "alter table orders alter column note set not null",
      "alter table orders add constraint c check (note is not null) not valid; alter table orders alter column note set not null",
    ],
    good: [
      "alter table orders add constraint c check (note is not null) not valid; commit; alter table orders validate constraint c; alter table orders alter column note set not null",
      "create table t (id int); alter table t alter column id set not null",
    ],
  },
  "drop-not-null": {
    bad: ["alter table orders alter column note drop not null"],
    good: ["alter table orders alter column note set default 'x'"],
  },
  "drop-column": {
    bad: ["alter table orders drop column note", "alter table orders drop if exists note cascade"],
    good: ["create table t (a int, b int); alter table t drop column b"],
  },
  "rename-column": {
    bad: ["alter table orders rename column note to remark", "alter table orders rename note to remark"],
    good: ["create table t (a int); alter table t rename a to b", "alter table orders rename constraint a to b"],
  },
  "drop-default": {
    bad: ["alter table orders alter note drop default"],
    good: ["alter table orders alter note set default ''"],
  },
  "json-column": {
    bad: ["create table t (a json)", "alter table orders add a json"],
    good: ["create table t (a jsonb)"],
  },
  "timestamp-without-time-zone": {
    bad: ["create table t (a timestamp)", "alter table orders add a timestamp(3)"],
    good: ["create table t (a timestamptz, b timestamp with time zone)"],
  },
  "fixed-length-text": { bad: ["create table t (a char(3))"], good: ["create table t (a varchar(3), b text)"] },
  "small-primary-key": {
    bad: ["create table t (id serial primary key)", "create table t (id int primary key)"],
    good: ["create table t (id bigserial primary key)", "create table t (id uuid primary key, n int)"],
  },
  "foreign-key-without-not-valid": {
    bad: ["alter table orders add constraint f foreign key (parent) references people (id)"],
    good: ["alter table orders add constraint f foreign key (parent) references people (id) not valid"],
  },
  "check-without-not-valid": {
    bad: ["alter table orders add constraint c check (total > 0)"],
    good: ["alter table orders add constraint c check (total > 0) not valid"],
  },
  "unique-without-index": {
    bad: ["alter table orders add constraint u unique (note)", "alter table orders add primary key (note)"],
    good: ["alter table orders add constraint u unique using index i"],
  },
  "exclusion-constraint": {
    bad: ["alter table orders add constraint x exclude using gist (at with &&)"],
    good: ["create table t (a int); alter table t add constraint x exclude using gist (a with &&)"],
  },
  "validate-in-same-transaction": {
    bad: ["alter table orders add constraint c check (total > 0) not valid; alter table orders validate constraint c"],
    good: ["alter table orders validate constraint c"],
  },
  "constraint-without-name": {
    bad: ["alter table orders add check (total > 0) not valid", "alter table orders add unique (note)"],
    good: ["alter table orders add constraint c check (total > 0) not valid"],
  },
  "attach-partition-without-check": {
    bad: ["alter table orders attach partition people for values from (1) to (2)"],
    good: [
      "create table part (id bigint); alter table orders attach partition part for values from (1) to (2)",
      "create table part partition of orders for values from (1) to (2)",
    ],
  },
  "detach-partition-not-concurrent": {
    bad: ["alter table orders detach partition old"],
    good: ["alter table orders detach partition old concurrently"],
    alone: true,
  },
  "drop-table": { bad: ["drop table orders", "drop table if exists a, b"], good: ["create table t (); drop table t"] },
  "rename-table": {
    bad: ["alter table orders rename to sales", "alter view v rename to w"],
    good: ["create table t (); alter table t rename to u"],
  },
  "rename-type": {
    bad: ["alter type order_state rename to states", "alter schema a rename to b"],
    good: ["alter index i rename to j"],
  },
  "move-table": { bad: ["alter table orders set schema old"], good: ["create schema old"] },
  "drop-schema": { bad: ["drop schema shop cascade", "drop database shop"], good: ["create schema shop"] },
  "drop-used-object": {
    bad: ["drop view v", "drop function f(int)", "drop type order_state", "drop sequence s"],
    good: ["drop trigger t on orders"],
  },
  "rename-enum-value": {
    bad: ["alter type order_state rename value 'open' to 'new'"],
    good: ["alter type order_state add value 'new'"],
  },
  "enum-value-used-at-once": {
    bad: ["alter type order_state add value 'new'; update orders set state = 'new' where id = 1"],
    good: ["alter type order_state add value 'new'; commit; update orders set state = 'new' where id = 1"],
  },
  "table-rewrite": {
    bad: [
      "vacuum full orders",
      "vacuum full",
      "cluster orders using i",
      "alter table orders set unlogged",
      "alter table orders set tablespace fast",
    ],
    good: ["vacuum orders", "analyze orders", "create table t (); alter table t set logged"],
  },
  "table-without-primary-key": {
    bad: ["create table t (a int)"],
    good: [
      "create table t (a bigint primary key)",
      "create table t (a int, b int, primary key (a, b))",
      "create table t (like orders including all)",
      "create table p partition of orders for values from (1) to (2)",
    ],
  },
  "create-table-filled": {
    bad: ["create table t as select * from orders", "select * into t from orders"],
    good: ["create materialized view v as select 1"],
  },
  "missing-lock-timeout": {
    bad: ["alter table orders add x int", "set lock_timeout = 0; alter table orders add x int"],
    good: [
      `${timeout} alter table orders add x int`,
      "set local lock_timeout to '2s'; drop table orders",
      "create table t (); alter table t add x int",
      "create index concurrently i on orders (note)",
    ],
  },
  "several-tables-locked": {
    bad: [`${timeout} alter table orders add x int; alter table people add x int`],
    good: [
      `${timeout} alter table orders add x int; alter table orders add y int`,
      `${timeout} alter table orders add x int; commit; alter table people add x int`,
    ],
  },
  "rows-changed-under-lock": {
    bad: ["alter table orders add x int; update orders set x = 1 where id = 1"],
    good: ["alter table orders add x int; commit; update orders set x = 1 where id = 1"],
  },
  "schema-changed-after-rows": {
    bad: ["update orders set note = '' where id = 1; alter table orders add x int"],
    good: ["update orders set note = '' where id = 1; commit; alter table orders add x int"],
  },
  "every-row-at-once": {
    bad: ["update orders set note = ''", "delete from orders"],
    good: [
      "update orders set note = '' where id between 1 and 1000",
      "delete from orders using people where orders.id = people.id",
    ],
  },
  truncate: { bad: ["truncate orders"], good: ["create table t (); truncate t"] },
  "lock-table": { bad: ["lock table orders"], good: ["select 1"] },
  "disable-trigger": {
    bad: ["alter table orders disable trigger all", "alter table orders disable trigger t"],
    good: ["alter table orders enable trigger t"],
  },
  "create-trigger-on-used-table": {
    bad: ["create trigger t after insert on orders execute function f()"],
    good: ["create table t (); create trigger t after insert on t execute function f()"],
  },
  "transaction-within-migration": { bad: ["begin; select 1; commit"], good: ["savepoint a; release a"] },
  "code-that-cannot-be-read": { bad: ["do $$ begin end $$", "call f()"], good: ["select f()"] },
};

test("every rule has examples, and there are at least 25", () => {
  expect(Object.keys(examples).toSorted()).toEqual(lintRules.map(({ id }) => id).toSorted());
  expect(lintRules.length).toBeGreaterThanOrEqual(25);
});

describe.each(lintRules)("$id", ({ id }) => {
  const { bad, good, alone } = examples[id] ?? { bad: [], good: [] };
  test.each(bad)("finds: %s", (sql) => expect(found(sql, alone === undefined)).toContain(id));
  test.each(good)("lets be: %s", (sql) => expect(found(sql, alone === undefined)).not.toContain(id));
});
