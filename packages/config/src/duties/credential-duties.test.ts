import { expect, test } from "vitest";
import { dutyFiles, people } from "./testing/duty-files.ts";

const { write, load, problems } = dutyFiles();

test("a probe sends a key as its vendor wants it, and never has it in its address", () => {
  write("ops/people.yaml", people);
  const owing = (probe: string): void =>
    write(
      "ops/credentials.yaml",
      `credentials:\n  feed:\n    vendor: V\n    kind: key\n    environments: [production]\n    owner: lead\n    store: FEED_KEY\n    health: { every: P7D, from: 2026-01-01, run: { probe: { ${probe} } } }\n`,
    );
  owing('url: "{{FEED_URL}}/ping", query: { api_key: "{{secret}}" }, basic: { user: "{{secret}}" }');
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.plan.duties[0]?.run).toMatchObject({
    ...{ kind: "probe", url: "{{FEED_URL}}/ping", secret: "FEED_KEY" },
    ...{ query: { api_key: "{{secret}}" }, basic: { user: "{{secret}}", password: "" } },
  });
  owing('url: "https://feed.example/?api_key={{secret}}"');
  expect(problems()).toEqual([expect.stringContaining("its address would show the key")]);
  owing('url: "https://feed.example/", headers: { authorization: "x" }, basic: { user: "{{secret}}" }');
  expect(problems()).toEqual([expect.stringContaining("it says twice who asks")]);
  owing('url: "{{secret}}/ping"');
  expect(problems()).toEqual([expect.stringContaining("must be an address")]);
});

test("what stands in for a credential is another that is looked at too, wherever it is", () => {
  write("ops/people.yaml", people);
  const health = "health: { every: P7D, from: 2026-01-01 }";
  const feeds = (first: string, second: string): void =>
    write(
      "ops/credentials.yaml",
      `credentials:\n  kaiko: { vendor: K, kind: key, owner: lead, ${first} }\n  metrics: { vendor: C, kind: key, owner: lead, ${second} }\n`,
    );
  feeds(
    `environments: [staging, production], fallback: metrics, ${health}, rotate: { every: P3M, from: 2026-01-01 }`,
    `environments: [staging, production], ${health}`,
  );
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.plan.duties.map(({ id, fallback }) => [id, fallback])).toEqual([
    ["credential/kaiko@staging:rotate", undefined],
    ["credential/kaiko@production:rotate", undefined],
    ["credential/kaiko@staging:health", "credential/metrics@staging:health"],
    ["credential/kaiko@production:health", "credential/metrics@production:health"],
    ["credential/metrics@staging:health", undefined],
    ["credential/metrics@production:health", undefined],
  ]);
  feeds(`environments: [staging, production], fallback: metrics, ${health}`, `environments: [staging], ${health}`);
  expect(problems()).toEqual([
    expect.stringMatching(/^ops\/credentials.yaml:2:\d+ wrong_value metrics is not of production/),
  ]);
  const rotate = "rotate: { every: P3M, from: 2026-01-01 }";
  feeds(`environments: [staging], fallback: metrics, ${health}`, `environments: [staging], ${rotate}`);
  expect(problems()).toEqual([expect.stringMatching(/:2:\d+ missing nobody looks whether metrics works/)]);
  feeds(`environments: [staging], fallback: metrics, ${rotate}`, `environments: [staging], ${health}`);
  expect(problems()).toEqual([expect.stringMatching(/:2:\d+ missing nobody looks whether kaiko works/)]);
  feeds(`environments: [staging], fallback: kaiko, ${health}`, `environments: [staging], ${health}`);
  expect(problems()).toEqual([expect.stringMatching(/:2:\d+ wrong_value it cannot stand in for itself/)]);
  feeds(`environments: [staging], fallback: metrik, ${health}`, `environments: [staging], ${health}`);
  expect(problems()).toEqual([expect.stringMatching(/:2:\d+ unknown_name there is no credential "metrik"/)]);
});

test("a key of AWS is asked about with its own id, which another secret holds", () => {
  write("ops/people.yaml", people);
  const owing = (store: string): void =>
    write(
      "ops/credentials.yaml",
      `credentials:\n  deploy:\n    vendor: AWS\n    kind: access key\n    environments: [production]\n    owner: lead\n${store}    health: { every: P7D, from: 2026-01-01, run: { awsKey: { id: KEY_ID, region: eu-central-1 } } }\n`,
    );
  owing("    store: KEY_SECRET\n");
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.plan.duties[0]?.run).toEqual({
    ...{ kind: "awsKey", id: "KEY_ID", secret: "KEY_SECRET", region: "eu-central-1", account: null, scheduled: true },
  });
  owing("");
  expect(problems()).toEqual([expect.stringContaining("nobody knows which key is meant")]);
});
