import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { EvidenceOutcome, GateDecision, ReleaseId } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { incidentControl } from "../incidents/incident-control.ts";
import { listIncidents } from "../store/incidents.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { DutyControl } from "./duty-control.ts";
import { dutyControl } from "./duty-control.ts";
import { tellFailingTogether } from "./failing-together.ts";

let store: Store;
let scratch: string;
let duties: DutyControl;
storeForTests((opened) => void (store = opened));

const feed = (more: string): string =>
  `{ vendor: V, kind: market data key, environments: [production], owner: data, ${more}health: { every: P7D, from: 2026-01-26 } }`;
const files = {
  "people.yaml": "roles:\n  data:\n    people: [{ name: ada }]\n",
  "credentials.yaml": `credentials:\n  kaiko: ${feed("fallback: metrics, ")}\n  metrics: ${feed("")}\n`,
  "gates.yaml": 'gates:\n  - { environment: production, require: ["credential/*"], owner: data }\n',
};

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-duties-"));
  duties = dutyControl({
    ...{ store, scratch, clock: cronClock, now: () => Date.parse("2026-01-20T12:00:00.000Z") },
    repository: {
      checkout: async (_sha, directory) => {
        await mkdir(join(directory, "ops"), { recursive: true });
        for (const [name, text] of Object.entries(files)) await writeFile(join(directory, "ops", name), text);
      },
    },
  });
  await duties.reader.look("one");
});
afterAll(() => rm(scratch, { recursive: true }));

const shown = (credential: string, outcome: EvidenceOutcome): Promise<unknown> =>
  duties.attest({ duty: `credential/${credential}@production:health`, outcome, release: null, note: "it says 401" });
const readiness = (): Promise<GateDecision> =>
  duties.readiness({ environment: "production", release: "r1" as ReleaseId, reason: "deploy", remedies: [] });
const incidents = async (): Promise<readonly unknown[]> => {
  await tellFailingTogether({ store, duties });
  return (await listIncidents(store, { limit: 10 })).map(({ number, proposed }) => [number, proposed]);
};

test("a vendor that fails keeps nothing out while the other one works, and what is left of them is told", async () => {
  await shown("kaiko", "passed");
  await shown("metrics", "passed");
  await shown("kaiko", "failed");
  expect(await readiness()).toMatchObject({
    ready: true,
    rows: [
      {
        duty: "credential/kaiko@production:health",
        state: "failing",
        why: expect.stringMatching(/it says 401; credential\/metrics@production:health stands in for it$/),
        passedBy: "warning",
      },
      { duty: "credential/metrics@production:health", state: "due" },
    ],
  });
  // And the other way round.
  await shown("kaiko", "passed");
  await shown("metrics", "failed");
  expect(await readiness()).toMatchObject({ ready: true });
  expect(await incidents()).toEqual([]);
});

test("where both fail nothing is let in, and it is one incident of severity 2 until somebody has closed it and it is seen anew", async () => {
  await shown("kaiko", "failed");
  expect(await readiness()).toMatchObject({ ready: false });
  expect(await incidents()).toEqual([[1, 2]]);
  await shown("metrics", "failed");
  expect(await incidents()).toEqual([[1, 2]]);
  await incidentControl(store).close(1, "a bill that nobody paid");
  expect(await incidents()).toEqual([[1, 2]]);
  await shown("kaiko", "failed");
  expect(await incidents()).toEqual([
    [2, 2],
    [1, 2],
  ]);
});
