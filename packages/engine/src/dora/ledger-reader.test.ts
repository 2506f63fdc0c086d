import { FairwayError } from "@fairway/core";
import type { CommitRange, Revision } from "@fairway/core";
import { expect, test } from "vitest";
import type { NewRelease } from "../stages/releases.ts";
import type { History } from "../store/history-for-tests.ts";
import { historyIn } from "../store/history-for-tests.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { openLedgerReader } from "./ledger-reader.ts";

let store: Store;
let history: History;
storeForTests((opened) => {
  store = opened;
  history = historyIn(store);
});

const committedAt = "2026-01-10T12:00:00.000Z";
const revision = (sha: string): Revision => ({ sha, short: sha, subject: "", author: "", committedAt, ref: null });
const part = (service: string, artifact: string): NewRelease["parts"][number] => ({
  service,
  artifact,
  takenFrom: null,
  inputs: artifact,
});

test("a deployment is told with the commits that it brought and the services that it changed, and git is asked once", async () => {
  const [one, two, three] = [
    await history.release("one", { revision: revision("aaa"), parts: [part("api", "1"), part("web", "1")] }),
    await history.release("two", { revision: revision("ccc"), parts: [part("api", "2"), part("web", "1")] }),
    await history.release("three", { revision: revision("eee"), parts: [part("web", "1")] }),
  ];
  for (const release of [one, two, three]) await history.deploy("production", release);
  await history.deploy("production", two, { reason: "rollback" });
  const asked: CommitRange[] = [];
  const ledger = openLedgerReader(store, {
    commits: async (range) => {
      asked.push(range);
      if (range.to === "eee") throw new FairwayError("revision_not_found", "it is gone");
      return [revision("ccc"), revision("bbb")];
    },
  });
  const found = await ledger.since(new Date(0));
  const at = Date.parse(committedAt);
  expect(
    found.map(({ release, reason, outcome, services, changes }) => [release, reason, outcome, services, changes]),
  ).toEqual([
    [one, "deploy", "deployed", ["api", "web"], [{ sha: "aaa", at }]],
    [
      two,
      "deploy",
      "deployed",
      ["api"],
      [
        { sha: "ccc", at },
        { sha: "bbb", at },
      ],
    ],
    [three, "deploy", "deployed", ["api"], [{ sha: "eee", at }]],
    [two, "rollback", "deployed", ["api"], [{ sha: "ccc", at }]],
  ]);
  await ledger.since(new Date(0));
  expect(asked.map(({ from, to }) => `${from}..${to}`).toSorted()).toEqual(["aaa..ccc", "ccc..eee"]);
});
