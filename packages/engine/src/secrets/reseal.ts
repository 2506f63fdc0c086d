import type { KeyKeepers } from "@fairway/core";
import { statePurpose } from "../infrastructure/kept-states.ts";
import { purposeOf as planPurpose } from "../infrastructure/plan-stage.ts";
import { outputsPurpose } from "../infrastructure/stack-outputs.ts";
import { readKeyring } from "../sealing/keyring.ts";
import { keyIdOf, sealedBefore } from "../sealing/sealed-form.ts";
import { sealingKeys } from "../store/sealing-keys.ts";
import type { Store, Transaction } from "../store/store.ts";
import { purposeOf as secretPurpose } from "./stored-secrets.ts";

/** A column whose values are sealed, with what tells a row and what its value is sealed for. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** What tells a row from all others, and is known as text. */
  readonly key: readonly string[];
  /** What else its purpose is made of. */
  readonly more?: readonly string[];
  readonly purpose: (row: (column: string) => string) => string;
}

/** Every place. A test compares it with the tables, so that none is forgotten when a key is exchanged. */
export const sealedPlaces: readonly SealedPlace[] = [
  {
    table: "secret_versions",
    column: "sealed",
    key: ["environment", "name", "version"],
    purpose: (of) =>
      secretPurpose({ environment: of("environment"), name: of("name"), version: Number(of("version")) }),
  },
  {
    table: "infrastructure_plans",
    column: "file",
    key: ["id"],
    more: ["run", "job", "attempt"],
    purpose: (of) => planPurpose(of("run"), of("job"), Number(of("attempt"))),
  },
  {
    table: "infrastructure_states",
    column: "sealed",
    key: ["id"],
    more: ["environment", "stack", "digest"],
    purpose: (of) => statePurpose(of("environment"), of("stack"), of("digest")),
  },
  {
    table: "infrastructure_outputs",
    column: "sealed",
    key: ["environment", "stack", "release"],
    purpose: (of) => outputsPurpose(of("environment"), of("stack"), of("release")),
  },
];

/** States may have megabytes. */
const atOnce = 20;

/**
 * Seals by the key in use what older ones have sealed, a few rows in each transaction: it may be killed anywhere, and goes on
 * when it is asked again. Somebody may still write by an older key while it is being exchanged; the next time finds that too.
 * Answers with how many values it sealed anew. Throws `key_unusable`, and `seal_broken` for what was altered.
 */
export async function resealBehind(store: Store, keepers: KeyKeepers): Promise<number> {
  let sealed = 0;
  for (const place of sealedPlaces)
    for (let more = atOnce; more === atOnce; sealed += more)
      more = await store.transaction((tx) => resealSome(tx, keepers, place));
  return sealed;
}

type Row = Readonly<Record<string, string>> & { readonly bytes: Buffer };

async function resealSome(tx: Transaction, keepers: KeyKeepers, place: SealedPlace): Promise<number> {
  const { table, column, key, more = [] } = place;
  const keys = await sealingKeys(tx);
  const inUse = keys.find(({ retired }) => !retired);
  if (inUse === undefined) return 0;
  const columns = [...key, ...more].map((name) => `${name}::text as ${name}`).join(", ");
  const rows = await tx.rows<Row>(
    `select ${columns}, ${column} as bytes from fairway.${table}
     where ${column} is not null and substring(${column} from 1 for $1) = any($2) limit $3 for update skip locked`,
    [sealedBefore(inUse.id).length, keys.filter(({ retired }) => retired).map(({ id }) => sealedBefore(id)), atOnce],
  );
  if (rows.length === 0) return 0;
  const used = new Set([inUse.id, ...rows.map(({ bytes }) => keyIdOf(bytes))]);
  const ring = await readKeyring(
    keys.filter(({ id }) => used.has(id)),
    keepers,
  );
  const same = key.map((name, at) => `${name}::text = $${at + 2}`).join(" and ");
  for (const row of rows) {
    const purpose = place.purpose((name) => row[name] ?? "");
    const again = ring.sealBy(inUse.id, ring.bytesOf(inUse.id), purpose, ring.open(purpose, row.bytes));
    await tx.rows(`update fairway.${table} set ${column} = $1 where ${same}`, [again, ...key.map((name) => row[name])]);
  }
  return rows.length;
}
