import type { ContractProposal, FencingToken, ReleaseId, RolloutId } from "@fairway/core";
import { codeOf } from "@fairway/core";
import { expect, test } from "vitest";
import { noticeOfEvent } from "../notices/notice-of-event.ts";
import { contractDrift, contractLedger, keepContractDrift, withdrawnUnposted } from "./contract-ledger.ts";
import { eventsAfter, latestEvent } from "./events.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const token = (epoch: number, scope = "a/market"): FencingToken => ({ scope, epoch, holder: "test" });
const release = "r1" as ReleaseId;
const address = { name: "fees", chain: 1, address: "0x1", implementation: null, kind: "instance", codeHash: "0x2" };

test("what a look at a chain finds is told once, and again when it comes back", async () => {
  const seq = await latestEvent(store);
  const look = (...differences: readonly string[]) =>
    keepContractDrift(store, { environment: "a", service: "market", differences });
  expect(await look("the registry differs")).toEqual(["the registry differs"]);
  expect(await look("the registry differs", "the code differs")).toEqual(["the code differs"]);
  expect(await look()).toEqual([]);
  expect(await look("the code differs")).toEqual(["the code differs"]);
  expect(await contractDrift(store, "a")).toMatchObject([{ service: "market", differences: ["the code differs"] }]);
  const events = (await eventsAfter(store, seq)).filter(({ kind }) => kind === "drift.found");
  const notices = await Promise.all(events.map((event) => noticeOfEvent(store, event)));
  expect(notices.map((found) => found?.notice.text)).toEqual([
    "the registry differs",
    "the code differs",
    "the code differs",
  ]);
  expect(notices[0]?.notice).toMatchObject({
    title: "a: the chain of market is not as its release left it",
    facts: [{ name: "Look", value: "fairway contracts a" }],
  });
  expect(new Set(notices.map((found) => found?.about)).size).toBe(3);
});

test("addresses are kept by version, each for good, and whoever was overtaken keeps none", async () => {
  const ledger = contractLedger(store);
  const keep = (epoch: number, args: readonly string[]) =>
    ledger.keep(token(epoch), {
      ...{ environment: "a", service: "market", release },
      contracts: [{ ...address, metadataHash: null, args }],
    });
  await keep(2, ["250"]);
  await keep(2, ["250"]);
  await keep(2, ["300"]);
  expect(await keep(1, ["400"]).catch(codeOf)).toBe("fenced");
  const versions = await ledger.versions("a", "market");
  expect(versions.map(({ version, contracts }) => [version, contracts[0]?.args])).toEqual([
    [2, ["300"]],
    [1, ["250"]],
  ]);
});

test("a proposal is written down once, and known as it was by who comes back", async () => {
  const ledger = contractLedger(store);
  const proposal: ContractProposal = {
    ...{ rollout: "one" as RolloutId, environment: "a", service: "safe", direction: "there", chain: 1, from: "0x3" },
    ...{ nonce: 4, hash: "0x5", transaction: "{}", calls: ["a call"], sinceBlock: 6, isPosted: false, included: null },
    ...{ reorged: 0, outcome: null },
  };
  const held = token(1, "a/safe");
  expect(await ledger.open(held, proposal)).toEqual(proposal);
  expect(await ledger.open(held, { ...proposal, nonce: 7 })).toEqual(proposal);
  const signed = { ...proposal, isPosted: true, signatures: 1 };
  await ledger.note(held, signed);
  expect(await ledger.proposal(proposal.rollout, "there")).toEqual(signed);
  expect(await ledger.proposal(proposal.rollout, "back")).toBeNull();
  expect(await ledger.neverPosted("a", "safe")).toEqual([]);
  const withdrawn: ContractProposal = { ...proposal, outcome: "withdrawn" };
  await ledger.note(held, withdrawn);
  expect(await ledger.neverPosted("a", "safe")).toEqual([withdrawn]);
});

test("what was withdrawn before it was posted is known with its release, also where no contract was ever put there", async () => {
  const [run] = await store.rows<{ readonly id: string }>(
    "insert into fairway.runs (kind, title, subject, requested_by) values ('deployment', 'd', '{}', 'me') returning id",
  );
  await store.rows("insert into fairway.releases (number, run, digest, sha, contents) values (7, $1, 'd', 's', '{}')", [
    run?.id,
  ]);
  await store.rows(
    "insert into fairway.deployments (run, environment, release, reason, digest) values ($1, 'late', 'r7', 'deploy', 'd')",
    [run?.id],
  );
  const ledger = contractLedger(store);
  const held = token(1, "late/market");
  const proposal: ContractProposal = {
    ...{ rollout: `${run?.id}/market` as RolloutId, environment: "late", service: "market", direction: "there" },
    ...{ chain: 9, from: "0x9", nonce: 4, hash: "0x5", transaction: "{}", calls: [], sinceBlock: 6, isPosted: false },
    ...{ included: null, reorged: 0, outcome: null },
  };
  await ledger.open(held, proposal);
  expect(await withdrawnUnposted(store)).toEqual([]);
  await ledger.note(held, { ...proposal, outcome: "withdrawn" });
  expect(await withdrawnUnposted(store)).toEqual([{ environment: "late", service: "market", release: "r7" }]);
});

test("two services that share a wallet take turns, and of two that come at once one waits", async () => {
  const ledger = contractLedger(store);
  const held = { left: token(1, "a/left"), right: token(1, "a/right") };
  const of = (service: "left" | "right", nonce: number): ContractProposal => ({
    ...{ rollout: service as RolloutId, environment: "a", service, direction: "there", chain: 2, from: "0xAb" },
    ...{ nonce, hash: `0x${service}`, transaction: "{}", calls: [], sinceBlock: 6, isPosted: false, included: null },
    ...{ reorged: 0, outcome: null },
  });
  const both = await Promise.all([ledger.open(held.left, of("left", 4)), ledger.open(held.right, of("right", 4))]);
  const [first, second] = both[0] === null ? (["right", "left"] as const) : (["left", "right"] as const);
  expect(both.filter((one) => one !== null)).toEqual([of(first, 4)]);
  // Who comes back after a crash has its turn still.
  expect(await ledger.open(held[first], of(first, 4))).toEqual(of(first, 4));
  const posted = { ...of(first, 4), isPosted: true };
  await ledger.note(held[first], posted);
  expect(await ledger.open(held[second], of(second, 4))).toBeNull();
  expect(await ledger.open(held[second], of(second, 5))).toEqual(of(second, 5));
  // Another wallet is nobody's business here, nor is one of another chain.
  expect(await ledger.open(token(1, "a/else"), { ...of("left", 5), service: "else", chain: 3 })).not.toBeNull();
});
