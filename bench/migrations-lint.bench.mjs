import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, timeOf } from "./product-parts.mjs";

export const name = "fairway migrations lint of 500 migrations";
export const goal = { atMost: 2_000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);
const count = 500;
const program = fileURLToPath(new URL("../apps/cli/bin/fairway.mjs", import.meta.url));

/** What a team writes in some years: tables, columns, indexes, constraints and rows. @param {number} number */
const migration = (number) => `set lock_timeout = '5s';
create table orders_${number} (
  id bigint generated always as identity primary key,
  buyer text not null,
  total_cents bigint not null check (total_cents >= 0),
  placed_at timestamptz not null default now()
);
create index orders_${number}_by_buyer on orders_${number} (buyer, placed_at desc);
${
  number === 0
    ? ""
    : `alter table orders_${number - 1} add column note text;
alter table orders_${number - 1} add constraint note_is_short check (length(note) < 200) not valid;
comment on column orders_${number - 1}.note is 'What the buyer asks for, in fewer than 200 letters';
insert into orders_${number} (buyer, total_cents) values ('nobody', 0);`
}
`;

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    for (let number = 0; number < count; number++)
      await writeFile(join(folder, `${String(number).padStart(4, "0")}_step.sql`), migration(number));
    const ours = [];
    for (let round = 0; round < rounds; round++) ours.push(await timeOf([program, "migrations", "lint", folder]));
    return { ours: median(ours), unit: "ms" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
