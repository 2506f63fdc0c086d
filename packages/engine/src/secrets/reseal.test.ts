import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localActor } from "@fairway/core";
import { expect, test } from "vitest";
import { folderKeepers } from "../sealing/file-keepers.ts";
import { openSealer } from "../sealing/sealer.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { resealBehind, sealedPlaces } from "./reseal.ts";
import { rotateKey } from "./rotate-key.ts";

let store: Store;
let folder: string;
storeForTests(async (opened) => {
  store = opened;
  folder = await mkdtemp(join(tmpdir(), "fairway-keys-"));
  return () => rm(folder, { recursive: true });
});

const parts = (): Parameters<typeof rotateKey>[0] => {
  const keepers = folderKeepers(folder);
  return { store, keepers, sealer: openSealer(store, keepers), nameSecret: () => "" };
};
const count = 25;

/** Puts some sealed rows into every place. */
async function fill(): Promise<void> {
  const { sealer } = parts();
  const [run] = await store.rows<{ id: string }>(
    "insert into fairway.runs (kind, title, subject, requested_by) values ('deployment', 't', '{}', 'ada') returning id",
  );
  for (let at = 1; at <= count; at++) {
    const digest = `sha256:${at}`;
    const seal = (purpose: string): Promise<Buffer> => sealer.seal(purpose, Buffer.from(`content ${at}`));
    await store.rows("insert into fairway.secrets (environment, name) values ('production', $1)", [`S${at}`]);
    await store.rows(
      "insert into fairway.secret_versions (environment, name, version, sealed, made_by) values ('production', $1, 1, $2, 'ada')",
      [`S${at}`, await seal(`secret/${JSON.stringify(["production", `S${at}`, 1])}`)],
    );
    await store.rows(
      `insert into fairway.infrastructure_plans (run, job, attempt, environment, stack, mode, digest, body, file, expires_at, commit_sha, tool, change_count)
       values ($1, 'plan', $2, 'production', 'net', 'apply', $3, '{}', $4, now(), 'c', 'tofu', '{}')`,
      [run?.id, at, digest, await seal(`infrastructure-plan/${run?.id}/plan/${at}`)],
    );
    await store.rows(
      `insert into fairway.infrastructure_states (environment, stack, digest, bytes, sealed) values ('production', 'net', $1, 9, $2)`,
      [digest, await seal(`infrastructure-state/production/net/${digest}`)],
    );
    await store.rows(
      `insert into fairway.infrastructure_outputs (environment, stack, release, sealed) values ('production', 'net', $1, $2)`,
      [`r${at}`, await seal(`infrastructure-outputs/production/net/r${at}`)],
    );
  }
}

/** By which keys the values of every place are sealed, and whether all of them open with what a new daemon knows. */
async function sealedBy(): Promise<readonly string[]> {
  const keys = new Set<string>();
  const { sealer } = parts();
  for (const { table, column, key, more = [], purpose } of sealedPlaces) {
    const columns = [...key, ...more].map((name) => `${name}::text as ${name}`).join(", ");
    const rows = await store.rows<Record<string, string> & { bytes: Buffer }>(
      `select ${columns}, ${column} as bytes from fairway.${table}`,
    );
    expect([table, rows.length]).toEqual([table, count]);
    for (const row of rows) {
      keys.add(row.bytes.subarray(4, 12).toString("hex"));
      expect(
        (
          await sealer.open(
            purpose((name) => row[name] ?? ""),
            row.bytes,
          )
        ).toString(),
      ).toMatch(/^content \d+$/);
    }
  }
  return [...keys];
}

test("every column of bytes that is sealed is known", async () => {
  const columns = await store.rows<{ place: string }>(
    `select table_name || '.' || column_name as place from information_schema.columns
     where table_schema = 'fairway' and data_type = 'bytea' order by 1`,
  );
  const known = [...sealedPlaces.map(({ table, column }) => `${table}.${column}`), "sealing_keys.wrapped"];
  expect(columns.map(({ place }) => place)).toEqual(known.toSorted());
});

test("an exchange of the key seals everything anew, and what a kill left of it is done later", async () => {
  await fill();
  const [first] = await sealedBy();
  const outside = await readdir(folder);
  // As a kill leaves it: the keys are exchanged, and of the rest some rows are done.
  let asked = 0;
  const killed: Store = {
    ...store,
    transaction: (work) => {
      asked += 1;
      return asked > 4 ? Promise.reject(new TypeError("killed")) : store.transaction(work);
    },
  };
  await expect(rotateKey({ ...parts(), store: killed }, localActor("ada"))).rejects.toThrow("killed");
  for (const name of outside) await rm(join(folder, name));
  expect((await sealedBy()).length).toBe(2);
  const { keepers } = parts();
  expect(await resealBehind(store, keepers)).toBeGreaterThan(0);
  const now = await sealedBy();
  expect([now.length, now.includes(first ?? "")]).toEqual([1, false]);
  expect(await resealBehind(store, keepers)).toBe(0);
  const { sealedAnew } = await rotateKey(parts(), localActor("ada"));
  expect([sealedAnew, (await sealedBy()).length]).toEqual([count * sealedPlaces.length, 1]);
});
