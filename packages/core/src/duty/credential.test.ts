import { expect, test } from "vitest";
import type { Credential } from "./credential.ts";
import { inventoryDrift } from "./credential.ts";
import type { Duty } from "./duty.ts";

const credential = (store: string): Credential => ({
  ...{ id: store.toLowerCase(), vendor: "Supabase", kind: "service key", owner: "devops", consumers: [], store },
  environments: ["production"],
});
const kept = (...names: readonly string[]) => names.map((name) => ({ environment: "production", name }));
const asking = { run: { kind: "probe", url: "{{SUPABASE_URL}}/rest/v1/" } } as unknown as Duty;

test("a name that the store has and no credential is unlisted, and the other way round absent", () => {
  const plan = { credentials: [credential("A"), credential("B")], duties: [] };
  expect(inventoryDrift(plan, kept("B", "C"))).toEqual([
    { environment: "production", name: "A", drift: "absent" },
    { environment: "production", name: "C", drift: "unlisted" },
  ]);
});

test("the address that a probe asks at is no key", () => {
  const plan = { credentials: [credential("A")], duties: [asking] };
  expect(inventoryDrift(plan, kept("A", "SUPABASE_URL"))).toEqual([]);
});

test("the id of an access key is no key", () => {
  const run = { kind: "awsKey", id: "DEPLOY_KEY_ID", secret: "A", region: "eu-central-1", account: null };
  const plan = { credentials: [credential("A")], duties: [{ run } as unknown as Duty] };
  expect(inventoryDrift(plan, kept("A", "DEPLOY_KEY_ID"))).toEqual([]);
});

test("a new key that an exchange has made and not given out yet is one of the credential's", () => {
  const exchange = { run: { kind: "rotation", driver: "postgres-role", store: "A", admin: "A_ADMIN" } };
  const plan = { credentials: [credential("A")], duties: [exchange as unknown as Duty] };
  // Whoever makes the exchange has a key of their own, which belongs into the inventory.
  expect(inventoryDrift(plan, kept("A", "A_NEXT", "A_ADMIN"))).toEqual([
    { environment: "production", name: "A_ADMIN", drift: "unlisted" },
  ]);
});
