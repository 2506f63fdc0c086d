import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RotationRun } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressFor, isLetIn, letIn, newPassword } from "../database/role-rotation.ts";
import type { End, ExchangesUnderTest } from "./testing/exchanges-for-tests.ts";
import { openExchanges } from "./testing/exchanges-for-tests.ts";
import { StagedSecret } from "./testing/staged-secret.ts";

// An exchange is ended at each border of its phases, once before its doing is on record and once after, and goes on in another
// life with what was recorded alone. That a daemon that is killed comes back to just that is shown where daemons are killed.

let exchanges: ExchangesUnderTest;
const asked: string[] = [];
/** Why nothing may be deployed; null where it may. */
let frozen: FairwayError | null = null;
/** Secrets of another store, by their names. */
const elsewhere = new Map<string, StagedSecret>();
beforeAll(async () => {
  exchanges = await openExchanges({
    asked: async (key) => {
      if (frozen !== null) throw frozen;
      asked.push(key);
    },
    own: ({ secret }, key) => {
      const found = elsewhere.get(secret);
      if (found === undefined) throw new Error(`there is no ${secret}`);
      return found.exchange(key);
    },
  });
});
afterAll(() => exchanges?.close());

/** Each border of an exchange, by the steps of one that was not disturbed. */
const borders = (steps: readonly string[]): readonly NonNullable<End>[] =>
  steps.flatMap((step) => [false, true].map((recorded) => ({ step, recorded })));

/** How many versions each secret of an environment ever had, by its name. */
const versionsIn = async (environment: string): Promise<Readonly<Record<string, number>>> => {
  const rows = await exchanges.under.store.rows<{ name: string; count: number }>(
    "select name, count(*)::int as count from fairway.secret_versions where environment = $1 group by name",
    [environment],
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
};

test("a password is exchanged once, wherever its exchange was ended, and the same new one goes on", async () => {
  const { under, set, value } = exchanges;
  const admin = under.database.connectionString;
  const rotation: RotationRun = {
    ...{ kind: "rotation", driver: "postgres-role", store: "DB", admin: "ADMIN", consumed: true },
  };
  const begin = async (environment: string) => {
    const first = addressFor(admin, `${environment}_${under.database.name.slice(-8)}`, newPassword());
    await letIn(admin, first);
    await set(environment, "DB", first);
    await set(environment, "ADMIN", admin);
    return { first, ...exchanges.begin(environment, rotation) };
  };
  const end = async (environment: string, first: string): Promise<void> => {
    const second = await value(environment, "DB");
    expect([await isLetIn(second), await isLetIn(first)]).toEqual([true, false]);
    expect(await value(environment, "DB_NEXT")).toBe("");
    // One new key was made, and stored once.
    expect(await versionsIn(environment)).toEqual({ ADMIN: 1, DB: 2, DB_NEXT: 1 });
    for (const address of [second, first]) await under.store.rows(`drop role ${new URL(address).username}`);
  };
  const whole = await begin("whole");
  expect(await whole.live(null)).toMatchObject({
    outcome: "succeeded",
    result: { new_works: true, old_refused: true },
  });
  await end("whole", whole.first);
  expect(whole.steps()).toEqual(
    expect.arrayContaining(["create", "store", "deploy", "new works", "revoke", "old is refused", "close"]),
  );
  for (const [number, border] of borders(whole.steps()).entries()) {
    asked.length = 0;
    const environment = `border${number}`;
    const { first, live } = await begin(environment);
    expect([border, await live(border)]).toEqual([border, "killed"]);
    expect([border, await live(null)]).toEqual([border, expect.objectContaining({ outcome: "succeeded" })]);
    await end(environment, first);
    // Asked for twice under one key it is one deployment.
    expect(new Set(asked)).toEqual(new Set([`rotation/attempt-${environment}`]));
  }
});

const program = (text: string): readonly [string, ...string[]] => ["sh", "-euc", text];
/**
 * A vendor whose keys are files. Asked twice with one FAIRWAY_ROTATION it makes one, as vendors do with a key for idempotency.
 */
const programsOf = (vendor: string) => ({
  create: program(`made="made-$FAIRWAY_ROTATION-key"; touch "${vendor}/$made"; echo "$made"`),
  verify: program(`test -e "${vendor}/$FAIRWAY_KEY" || exit 1`),
  revoke: program(`rm -f "${vendor}/$FAIRWAY_KEY"`),
});
const first = "first-key-of-the-vendor";
async function vendorOf(environment: string): Promise<string> {
  const vendor = join(exchanges.root, environment);
  await mkdir(vendor);
  await writeFile(join(vendor, first), "");
  return vendor;
}

test("a key of any vendor is made once and the old one is taken away, wherever its exchange was ended", async () => {
  const { set, value } = exchanges;
  const begin = async (environment: string) => {
    const vendor = await vendorOf(environment);
    await set(environment, "KEY", first);
    const rotation: RotationRun = {
      ...{ kind: "rotation", driver: "command", store: "KEY", consumed: true, secrets: {}, timeout: 60_000 },
      ...programsOf(vendor),
    };
    return { vendor, ...exchanges.begin(environment, rotation) };
  };
  const end = async (environment: string, vendor: string): Promise<void> => {
    const made = `made-run-${environment}-key`;
    expect([await value(environment, "KEY"), await value(environment, "KEY_NEXT")]).toEqual([made, ""]);
    expect(await readdir(vendor)).toEqual([made]);
    expect(await versionsIn(environment)).toEqual({ KEY: 2, KEY_NEXT: 1 });
  };
  const whole = await begin("vendor");
  expect(await whole.live(null)).toMatchObject({ outcome: "succeeded" });
  await end("vendor", whole.vendor);
  for (const [number, border] of borders(whole.steps()).entries()) {
    const environment = `vendor${number}`;
    const { vendor, live } = await begin(environment);
    expect([border, await live(border)]).toEqual([border, "killed"]);
    expect([border, await live(null)]).toEqual([border, expect.objectContaining({ outcome: "succeeded" })]);
    await end(environment, vendor);
  }
});

/** A key that another store keeps, and its exchange; of a vendor that may refuse every new key. */
async function keptElsewhere(environment: string, refuses = false) {
  const vendor = await vendorOf(environment);
  const { verify, ...programs } = programsOf(vendor);
  const secret = new StagedSecret(first);
  elsewhere.set(environment, secret);
  const rotation: RotationRun = {
    ...{ kind: "rotation", driver: "aws-secrets-manager", secret: environment, consumed: true, programs },
    access: { region: "eu-central-1", account: null, profile: null, role: null },
    verify: {
      argv: refuses ? program(`test "$FAIRWAY_KEY" = ${first} || exit 1`) : verify,
      secrets: {},
      timeout: 60_000,
    },
  };
  const again = () => exchanges.begin(environment, rotation);
  return { vendor, secret, again, ...again() };
}

test("a key that another store keeps is made and made current once, wherever its exchange was ended", async () => {
  const end = async (environment: string, vendor: string, secret: StagedSecret): Promise<void> => {
    const [made, key] = [`made-run-${environment}-key`, `rotation/run-${environment}`];
    expect([secret.current, secret.previous, secret.pending]).toEqual([key, "first", null]);
    expect([...secret.values.values()]).toEqual([first, made]);
    expect(await readdir(vendor)).toEqual([made]);
  };
  const whole = await keptElsewhere("kept");
  expect(await whole.live(null)).toMatchObject({ outcome: "succeeded" });
  await end("kept", whole.vendor, whole.secret);
  for (const [number, border] of borders(whole.steps()).entries()) {
    const environment = `kept${number}`;
    const { vendor, secret, live } = await keptElsewhere(environment);
    expect([border, await live(border)]).toEqual([border, "killed"]);
    expect([border, await live(null)]).toEqual([border, expect.objectContaining({ outcome: "succeeded" })]);
    await end(environment, vendor, secret);
  }
});

test("a new key that is refused is taken away again, wherever its exchange was ended, and the old one stays", async () => {
  const whole = await keptElsewhere("refused", true);
  const reason = "the new key is refused: the old one of refused stays in use, and the new one was taken away";
  expect(await whole.live(null)).toMatchObject({ outcome: "failed", reason });
  for (const [number, border] of borders(whole.steps()).entries()) {
    const environment = `refused${number}`;
    const { vendor, secret, live } = await keptElsewhere(environment, true);
    expect([border, await live(border)]).toEqual([border, "killed"]);
    expect([border, await live(null)]).toEqual([border, expect.objectContaining({ outcome: "failed" })]);
    expect([secret.current, secret.pending]).toEqual(["first", null]);
    expect(await readdir(vendor)).toEqual([first]);
  }
});

test("where nothing may be deployed an exchange says what both keys are, and goes on with them when it is tried again", async () => {
  const { vendor, secret, live, again } = await keptElsewhere("frozen");
  frozen = new FairwayError("not_allowed_now", "production is frozen");
  try {
    await expect(live(null)).rejects.toMatchObject({
      code: "not_allowed_now",
      message: expect.stringMatching(
        /new key of frozen to the services went wrong: production is frozen; the new one, rotation\/run-frozen, works and is current; the old one, first, was not/u,
      ),
      hint: expect.stringContaining("fairway run retry run-frozen"),
    });
  } finally {
    frozen = null;
  }
  expect([secret.current, secret.previous]).toEqual(["rotation/run-frozen", "first"]);
  expect((await readdir(vendor)).length).toBe(2);
  expect(await again().live(null)).toMatchObject({ outcome: "succeeded" });
  expect(await readdir(vendor)).toEqual(["made-run-frozen-key"]);
});
