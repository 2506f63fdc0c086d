import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { AttemptId, RunId, SecretSource } from "@fairway/core";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { incidentControl } from "../incidents/incident-control.ts";
import type { Attempt, Outcome } from "../runs/stage.ts";
import { addSecretVersions, holdSecrets } from "../store/secrets.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { commitMark } from "./patch-texts.ts";
import { scanStage } from "./scan-stage.ts";
import { openScanThread } from "./scan-thread.ts";

let store: Store;
let root: string;
let duties: DutyControl;
/** Before which commit reading the history ends; null where it does not. */
let failsAfter: number | null = null;
/** Which commits add more than can be read. */
let tooMuch: readonly string[] = [];
/** Which commits were asked for. */
let looked: number[] = [];
/** At which step the daemon is ended; null where it is not. */
let endsAt: string | null = null;
/** Files of the history by their hashes; others are too large. */
let blobs: Readonly<Record<string, Buffer>> = {};
let inTree: Readonly<Record<string, string>> = {};
storeForTests((opened) => void (store = opened));

const key = createHash("sha256").update("made up for this test").digest("hex");
let current = key;
const secrets: SecretSource = {
  lookUp: async (_of, names) => (names.includes("PAY_KEY") ? { PAY_KEY: current } : {}),
};
const repository = {
  checkout: async (_sha: string, directory: string): Promise<void> => {
    const rotate = "rotate: { every: P3M, from: 2026-01-31 }";
    const files: Readonly<Record<string, string>> = {
      "ops/people.yaml": "roles:\n  lead:\n    people: [{ name: ada }]\n",
      "ops/credentials.yaml": `credentials:\n  pay: { vendor: Pay, kind: key, environments: [production], owner: lead, store: PAY_KEY, ${rotate} }\n`,
      ...inTree,
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(directory, name, ".."), { recursive: true });
      await writeFile(join(directory, name), text);
    }
  },
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-scan-release-"));
  duties = dutyControl({ store, scratch: join(root, "scratch"), clock: cronClock, now: Date.now, repository });
  await duties.reader.look("one");
  await stored(1);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Puts a version of the key into the store, sealed by nobody. */
const stored = (version: number): Promise<void> =>
  store.transaction(async (tx) => {
    await holdSecrets(tx, "production", ["PAY_KEY"]);
    await addSecretVersions(tx, [
      {
        ...{ environment: "production", name: "PAY_KEY", version, reference: null, by: "ada", repeats: null },
        ...{ sealed: Buffer.from("sealed"), fingerprint: "f" },
      },
    ]);
  });

const scan = (given: object = { sha: "one", release: "r1" }, history: readonly string[] = []): Promise<Outcome> =>
  scanStage({
    ...{ store, secrets, duties, data: dataDirectory(root) },
    repository: {
      ...repository,
      putBlobs: async ({ blobs: wanted, directory }) => {
        for (const blob of wanted) if (blobs[blob] !== undefined) await writeFile(join(directory, blob), blobs[blob]);
        return wanted.filter((blob) => blobs[blob] === undefined);
      },
      patches: async ({ after, withText = true }) => {
        const at = after === null ? 0 : Number(after) + 1;
        looked.push(at);
        if (at > 0 && failsAfter === at) throw new Error("the daemon was ended");
        const text = `${commitMark}${at}\ndiff --git a/old.js b/old.js\n+++ b/old.js\n@@ -0,0 +7 @@\n+${history[at] ?? ""}\n`;
        return { text, last: at < history.length ? String(at) : null, skipped: withText ? tooMuch : [] };
      },
    },
    releaseOf: async (id) => ({ id, revision: { sha: "two" }, parts: [] }) as never,
    nameSecret: (...parts) => createHash("sha256").update(parts.join("/")).digest("hex"),
  }).run({
    ...{ id: "run-1/scan/1" as AttemptId, run: "run-1" as RunId, job: "scan", results: new Map() },
    input: given as never,
    signal: new AbortController().signal,
    step: async (name, work) => (name === endsAt ? Promise.reject(new Error("the daemon was ended")) : work()),
    progress: () => undefined,
    token: async () => Promise.reject(new Error("a scan holds nothing")),
  } satisfies Attempt);

test("a commit without keys is well", async () => {
  inTree = { "src/app.js": "console.log(process.env.PAY_KEY)\n" };
  expect(await scan()).toMatchObject({ outcome: "succeeded", result: { sha: "two", files: 3, findings: 0 } });
});

test("the value of a credential opens an incident once and makes its exchange owed within a day, and is never told", async () => {
  inTree = { "src/app.js": `const pay = "${key}";\n` };
  const first = await scan();
  expect(first).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("src/app.js:1 the value of pay@production"),
  });
  await scan();
  const incidents = await incidentControl(store).list({ open: true, limit: 10 });
  expect(incidents).toMatchObject([{ environment: "production", release: "r1", proposed: 2 }]);
  const duty = "credential/pay@production:rotate";
  const evidence = await duties.evidence({ duty, release: null, limit: 10 });
  expect(evidence).toMatchObject([{ outcome: "failed", automation: "scan", facts: { incident: "i1" } }]);
  const [{ state } = { state: "" }] = (await duties.standings({})).filter((one) => one.duty.id === duty);
  expect(state).toBe("failing");
  expect(JSON.stringify([first, incidents, evidence])).not.toContain(key.slice(0, 12));
});

test("a leak that is found again after its incident was closed opens another, due again within a day", async () => {
  const control = incidentControl(store);
  const [known] = await control.list({ open: true, limit: 1 });
  await control.close(known?.number ?? 0, "somebody thought that it was over");
  await scan();
  const [again] = await control.list({ open: true, limit: 10 });
  expect(again?.number).toBeGreaterThan(known?.number ?? 0);
  const [newest] = await duties.evidence({ duty: "credential/pay@production:rotate", release: null, limit: 1 });
  expect(newest).toMatchObject({ outcome: "failed", facts: { incident: `i${again?.number}` } });
  const [standing] = (await duties.standings({})).filter(({ duty }) => duty.id === newest?.duty);
  expect(standing?.dueAt).toBe(newest?.facts["rotation_due"]);
});

test("nobody says that a key was exchanged while the store gives the one that leaked", async () => {
  const exchanged = () =>
    duties.attest({ duty: "credential/pay@production:rotate", release: null, outcome: "passed", note: "done" });
  await expect(exchanged()).rejects.toThrow("version 1 of PAY_KEY leaked");
  await stored(2);
  expect(await exchanged()).toMatchObject({ outcome: "passed" });
});

test("a key that was taken away again is found in the history, which goes on where it was ended", async () => {
  const commits = ["well", `const pay = "${key}";`, "taken away"];
  failsAfter = 2;
  await expect(scan({ sha: "one", release: null, what: "history" }, commits)).rejects.toThrow("the daemon was ended");
  failsAfter = null;
  // Tried again, the same run goes on behind the two that it has seen, and has not forgotten what stood there.
  looked = [];
  expect(await scan({ sha: "one", release: null, what: "history" }, commits)).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("1:old.js:7 the value of pay@production"),
    result: { files: 3 },
  });
  expect(Math.min(...looked)).toBe(2);
  expect(await scan({ sha: "one", release: null, what: "history" }, commits)).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("1:old.js:7 the value of pay@production"),
    result: { files: 3, what: "history" },
  });
});

test("keys are found in the logs of what ran, compressed or not", async () => {
  const folder = join(root, "steps", "run-7", "build", "1", "run");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "log"), `first\nAuthorization: ${key}\n`);
  const found = await scan({ sha: "one", release: null, what: "logs" });
  expect(found).toMatchObject({ outcome: "failed", result: { files: 1, findings: 1 } });
  expect(found).toMatchObject({
    reason: expect.stringContaining("run-7/build/1/run/log:2 the value of pay@production"),
  });
});

test("logs are read once, on from where a scan of them was ended, and anew when there is another key", async () => {
  const other = createHash("sha256").update("made up as well").digest("hex");
  await store.rows(
    `insert into fairway.runs (kind, title, subject, requested_by, state, ended_at)
     select 'release', 't', '{}', 'ada', 'succeeded', now() from generate_series(1, 60)`,
  );
  for (let run = 1; run <= 60; run++) {
    const folder = join(root, "steps", `run-${run}`, "build", "1", "run");
    await mkdir(folder, { recursive: true });
    // The test before this one has left the seventh with the key in it.
    if (run !== 7) await writeFile(join(folder, "log"), run === 3 ? `first\n${other}\n` : "well\n");
  }
  const logs = () => scan({ sha: "one", release: null, what: "logs" });
  endsAt = "logs 2";
  await expect(logs()).rejects.toThrow("the daemon was ended");
  endsAt = null;
  expect(await logs()).toMatchObject({ outcome: "failed", result: { files: 10, findings: 1 } });
  // What still stands there is still told, and nothing else is read.
  expect(await logs()).toMatchObject({ outcome: "failed", result: { files: 1, findings: 1 } });
  current = other;
  expect(await logs()).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("run-3/build/1/run/log:2 the value of pay@production"),
    result: { files: 60, findings: 1 },
  });
  // Something ran again there since.
  await store.rows("update fairway.runs set ended_at = now() + interval '1 minute' where id = 'run-5'");
  expect(await logs()).toMatchObject({ result: { files: 2 } });
  current = key;
});

test("what the project allows is passed over until its last day, and never the value of a credential", async () => {
  const [looks, entry] = [`${"sk_"}live_${key.slice(0, 24)}`, "path: tests/keys.js, reason: made up, owner: lead"];
  inTree = { "tests/keys.js": `"${looks}"\n` };
  expect(await scan()).toMatchObject({
    reason: expect.stringMatching(/tests\/keys.js:1 stripe \(fingerprint [0-9a-f]{32}\)/),
  });
  const until = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  inTree = { ...inTree, "ops/scan.yaml": `allow:\n  - { ${entry}, until: ${until(30)} }\n` };
  await duties.reader.look("three");
  expect(await scan()).toMatchObject({ outcome: "succeeded", result: { allowed: 1, findings: 0 } });
  inTree = { ...inTree, "tests/keys.js": `"${looks}"\n"${key}"\n` };
  expect(await scan()).toMatchObject({ outcome: "failed", result: { allowed: 1, findings: 1 } });
  inTree = { "tests/keys.js": `"${looks}"\n`, "ops/scan.yaml": `allow:\n  - { ${entry}, until: ${until(-1)} }\n` };
  await duties.reader.look("four");
  expect(await scan()).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining(`ops/scan.yaml:2 counts no more since ${until(-1)}`),
  });
  inTree = {};
  await duties.reader.look("five");
});

test("a commit that adds more than can be read is never well, and hides nothing that another adds", async () => {
  inTree = {};
  tooMuch = ["abc"];
  const asked = { sha: "two", release: null, what: "history" };
  try {
    await expect(scan(asked, ["nothing"])).rejects.toMatchObject({
      code: "not_allowed_now",
      message: "more than can be read was added by abc",
    });
    const found = await scan(asked, [`const pay = "${current}";`]);
    expect(found).toMatchObject({ outcome: "failed", reason: expect.stringContaining("the value of pay@production") });
    expect(found).toMatchObject({ reason: expect.stringContaining("more than can be read was added by abc") });
  } finally {
    tooMuch = [];
  }
});

test("what commits add that git shows no lines of is looked into, and one that nobody can look into is no success", async () => {
  const adds = (path: string, blob: string): string =>
    `well\ndiff --git a/${path} b/${path}\nindex ${"0".repeat(40)}..${blob}\nBinary files /dev/null and b/${path} differ`;
  const [packed, hidden, locked] = ["a", "b", "c"].map((letter) => letter.repeat(40)) as [string, string, string];
  blobs = {
    [packed]: gzipSync(Buffer.from(`\0${key}`)),
    [hidden]: Buffer.from(`first\n${`${"sk_"}live_${key.slice(0, 24)}`}\n`),
    [locked]: gzipSync(Buffer.from(`\0well`)).subarray(0, 15),
  };
  const asked = { sha: "two", release: null, what: "diff", from: null };
  const leaked = await scan(asked, [adds("lib/app.bin", packed), adds("src/hidden.js", hidden)]);
  expect(leaked).toMatchObject({ outcome: "failed", result: { files: 4, binary: 1, unread: 0, findings: 2 } });
  expect(leaked).toMatchObject({
    result: {
      places: [
        { commit: "0", path: "lib/app.bin", line: 1, credential: "pay@production" },
        { commit: "1", path: "src/hidden.js", line: 2, rule: "stripe" },
      ],
    },
  });
  expect(JSON.stringify(leaked)).not.toContain(key.slice(0, 12));
  expect(await scan(asked, [adds("lib/app.bin", locked)])).toMatchObject({
    outcome: "succeeded",
    result: { binary: 1, unread: 1 },
  });
  await expect(scan(asked, ["well", adds("large.bin", "d".repeat(40))])).rejects.toMatchObject({
    message: "more than can be read was added by 1",
  });
});

test("what takes longer than it may is ended, and says so", async () => {
  const thread = openScanThread({ values: [], naming: "n" });
  const text = `${commitMark}1\n+++ b/a\n@@ -0,0 +1,2 @@\n+${"word ".repeat(1_000_000)}\n`;
  await expect(thread.run({ kind: "patches", text }, { deadline: 1 })).rejects.toMatchObject({
    code: "deadline_passed",
  });
  await expect(thread.run({ kind: "lines", lines: [] }, { deadline: 60_000 })).rejects.toMatchObject({
    code: "internal",
  });
  await thread.close();
});

test("lines are cleaned of known values and of what looks like keys, and keep their number", async () => {
  const thread = openScanThread({ values: [{ credential: "pay@production", value: key }], naming: "n" });
  const basic = Buffer.from(`user:${key}`).toString("base64");
  const lines = ["well", `pay=${key}`, `Authorization: Basic ${basic}`, `${"sk_"}live_${key.slice(0, 24)}`];
  const cleaned = await thread.run({ kind: "lines", lines }, { deadline: 60_000 });
  expect(cleaned.lines).toEqual(["well", "pay=***", "Authorization: Basic ***", "***"]);
  expect(cleaned.credentials.map(({ credential }) => credential)).toEqual(["pay@production"]);
  expect(cleaned.rules).toContain("stripe");
  await thread.close();
});
