import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadSqlParser } from "../reading/read-sql.ts";
import type { Judged } from "./judge-migration.ts";
import { judgeMigrations } from "./judge-migration.ts";

beforeAll(loadSqlParser);

function judge(sql: string, before = ""): Judged {
  const text = (id: string, of: string): Parameters<typeof judgeMigrations>[0][number] => ({
    id,
    file: `db/${id}.sql`,
    sql: of,
    transaction: true,
  });
  const judged = judgeMigrations([text("1", before), text("2", sql)])[1];
  if (judged === undefined) throw new Error("two were given");
  return judged;
}

describe("the class of a migration", () => {
  test.each([
    ["create table t (id bigint primary key); create index i on t (id)", "expand"],
    ["alter table orders add column note text", "expand"],
    ["alter table orders add column note text not null default ''", "expand"],
    ["alter table orders alter note drop not null", "expand"],
    ["comment on table orders is 'what was bought'; grant select on orders to reader", "expand"],
    ["", "expand"],
    ["-- nothing to do yet", "expand"],
    ["insert into kinds values (1)", "data"],
    ["update orders set note = '' where note is null", "data"],
    ["with gone as (update orders set note = '' returning 1) select 1", "data"],
    ["alter table orders add column note text not null", "contract"],
    ["alter table orders alter note set not null", "contract"],
    ["alter table orders add constraint c check (note <> '') not valid", "contract"],
    ["alter table orders rename note to remark", "contract"],
    ["drop view v", "contract"],
    ["alter table orders drop column note", "irreversible"],
    ["drop table orders", "irreversible"],
    ["truncate orders", "irreversible"],
    ["with gone as (delete from orders returning *) insert into old select * from gone", "irreversible"],
    ["alter table orders alter id type text", "irreversible"],
    ["do $$ begin execute 'drop table orders'; end $$", "unknown"],
    ["create or replace function f() returns int language sql as 'select 1'", "unknown"],
    ["create table t (a int); drop table t", "expand"],
  ])("%s → %s", (sql, expected) => {
    expect(judge(sql).class).toBe(expected);
  });

  test("is said with the line and the reason", () => {
    expect(judge("select 1;\nalter table orders\n  drop column note;").reasons).toEqual([
      "line 2: orders.note goes with its values",
    ]);
  });

  test("is what its author says", () => {
    const { class: of, said } = judge("-- fairway: expand\n-- it only adds an audit row\ndo $$ begin end $$;");
    expect([of, said]).toEqual(["expand", true]);
  });

  test("is not taken from words that make no sense", () => {
    expect(judge("-- fairway: harmless\nselect 1").problems).toEqual([
      { message: '"harmless" is none of expand, contract, data, irreversible', place: { line: 1, column: 1 } },
    ]);
    expect(judge("-- fairway: expand\nselect 1;\n-- fairway: contract\nselect 2").problems).toHaveLength(1);
  });
});

describe("a rule that its author lets be", () => {
  test("is still told, with the reason", () => {
    const sql = `-- fairway-ignore: index-not-concurrent, the table has ten rows
      create index i on kinds (id);
      create index j on kinds (id); -- fairway-ignore: index-not-concurrent: the same
      create index k on kinds (id);`;
    const found = judge(sql).findings.filter(({ rule }) => rule === "index-not-concurrent");
    expect(found.map(({ place, ignored }) => [place.line, ignored])).toEqual([
      [2, "the table has ten rows"],
      [3, "the same"],
      [4, null],
    ]);
  });

  test("needs a reason, and has to exist", () => {
    expect(judge("-- fairway-ignore: index-not-concurrent\nselect 1").problems[0]?.message).toBe(
      "say why index-not-concurrent does no harm here",
    );
    expect(judge("/* fairway-ignore: no-such, x */ select 1").problems[0]?.message).toBe('there is no rule "no-such"');
  });
});

describe("what cannot be read", () => {
  test("is told with its place", () => {
    expect(judge("select 1;\nalter table orders ad column x int").problems).toEqual([
      { message: 'syntax error at or near "ad"', place: { line: 2, column: 20 } },
    ]);
    expect(judge("select 'é', ü ü;\nselct 1").problems[0]?.place).toEqual({ line: 2, column: 1 });
  });

  test("and is psql, is said to be", () => {
    expect(judge("\\connect shop").problems[0]?.hint).toContain("psql");
  });

  test("and is too large, deep, or has a NUL, is refused", () => {
    expect(judge(`select '${"x".repeat(5_000_000)}'`).problems[0]?.message).toBe("the file is larger than 4 MiB");
    expect(judge(`select ${"(".repeat(100_000)}1`).problems[0]?.message).toContain("memory exhausted");
    expect(judge("select 1;\0").problems[0]).toEqual({
      message: "the file has a NUL byte",
      place: { line: 1, column: 10 },
    });
  });

  test("never throws, whatever it is", () => {
    const words = fc.constantFrom(
      "alter",
      "table",
      "t",
      "add",
      "column",
      "int",
      ";",
      "(",
      ")",
      "'",
      "--",
      "/*",
      "$$",
      "drop",
      ",",
      "\n",
      "é",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (some) => {
        expect(judge(some.join(" ")).file).toBe("db/2.sql");
      }),
      { numRuns: 300 },
    );
  });
});

test("what earlier migrations made is known to later ones", () => {
  const made = "create table orders (id bigint primary key, note varchar(10));";
  const widen = "set lock_timeout = '5s'; alter table orders alter note type varchar(20)";
  expect(judge(widen, made).findings).toEqual([]);
  expect(judge(widen).findings.map(({ rule }) => rule)).toEqual(["change-column-type"]);
});

test("places count characters, after a byte order mark too", () => {
  const [found] = judge("\uFEFFselect 'äöü'; truncate orders").findings;
  expect(found?.place).toEqual({ line: 1, column: 15 });
});
