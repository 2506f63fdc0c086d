import { createHash } from "node:crypto";
import type { SecretSource } from "@fairway/core";
import { expect, test } from "vitest";
import type { DutyControl } from "../duties/duty-control.ts";
import { incidentControl } from "../incidents/incident-control.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { openOutputScan } from "./output-scan.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const key = createHash("sha256").update("made up for the output").digest("hex");
const secrets: SecretSource = { lookUp: async (_of, names) => (names.includes("PAY_KEY") ? { PAY_KEY: key } : {}) };
const credential = {
  ...{ id: "pay", vendor: "Pay", kind: "key", environments: ["production"], owner: "lead", store: "PAY_KEY" },
  consumers: [],
};
const withInventory = (credentials: readonly object[]): Pick<DutyControl, "inForce"> => ({
  inForce: async () => ({ plan: { commit: "c", duties: [], credentials } }) as never,
});
const nameSecret = (...parts: readonly string[]): string => createHash("sha256").update(parts.join("/")).digest("hex");

test("a value that a command was not told is in no log of it, and opens an incident; one that it was told opens none", async () => {
  const scan = openOutputScan({ store, secrets, duties: withInventory([credential]), nameSecret, now: Date.now });
  try {
    const told = await scan.filterFor({ shown: "deploy.sh", told: [key] });
    expect(await told?.().lines(["well", `key ${key}`])).toMatchObject({ lines: ["well", "key ***"] });
    expect(await incidentControl(store).list({ limit: 10 })).toEqual([]);
    const untold = await scan.filterFor({ shown: "build.sh", told: [] });
    expect(await untold?.().lines([`Basic ${Buffer.from(`u:${key}`).toString("base64")}`])).toMatchObject({
      lines: ["Basic ***"],
    });
    await untold?.().lines([key]);
    const incidents = await incidentControl(store).list({ limit: 10 });
    expect(incidents).toMatchObject([{ environment: "production", title: expect.stringContaining("build.sh") }]);
    expect(JSON.stringify(incidents)).not.toContain(key);
    // Its thread is gone: nothing is shown that nobody has looked at.
    await scan.close();
    expect(await untold?.().lines([key])).toMatchObject({ lines: [expect.stringContaining("not shown")] });
  } finally {
    await scan.close();
  }
});

test("a value that is exchanged while others write withholds no line of theirs", async () => {
  let [now, value] = [0, key];
  const changing: SecretSource = {
    lookUp: async (_of, names) => (names.includes("PAY_KEY") ? { PAY_KEY: value } : {}),
  };
  const scan = openOutputScan({
    ...{ store, secrets: changing, duties: withInventory([credential]), nameSecret, now: () => now },
  });
  try {
    const filterOf = await scan.filterFor({ shown: "deploy.sh", told: [key, `${key}-next`] });
    const write = async (lines: readonly string[]) => (await filterOf?.().lines(lines))?.lines ?? [];
    const long = Array.from({ length: 20_000 }, (_, line) => `line ${line} ${key}`);
    await write(["the first line has a thread opened"]);
    const writing = [write(long), write(long)];
    [now, value] = [60_000, `${key}-next`];
    const after = Array.from({ length: 4 }, () => write([`is ${key}-next`]));
    for (const lines of await Promise.all(writing)) {
      expect(lines).toHaveLength(20_000);
      expect(lines.at(-1)).toBe("line 19999 ***");
    }
    for (const lines of await Promise.all(after)) expect(lines).toEqual(["is ***"]);
  } finally {
    await scan.close();
  }
});

test("without an inventory nobody looks, and nothing takes longer", async () => {
  const scan = openOutputScan({ store, secrets, duties: withInventory([]), nameSecret, now: Date.now });
  expect(await scan.filterFor({ shown: "build.sh", told: [] })).toBeUndefined();
});
