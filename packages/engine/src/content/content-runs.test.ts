import { createHmac } from "node:crypto";
import type { DutyPlan, Incident, Project } from "@fairway/core";
import { expect, test } from "vitest";
import { operationsSummary } from "../incidents/operations-summary.ts";
import { knowledgePacket } from "./knowledge-packet.ts";
import { replayedEvent, replayEvent, stripeSignature } from "./stripe-replay.ts";

const secret = "whsec_of_a_test";
const event = JSON.stringify({ type: "checkout.session.completed", livemode: false, data: {} });

type Broken = "nothing" | "no signature" | "no memory" | "memory by signature" | "no tolerance" | "every event";

/** A receiver as people write it, with one thing left out. */
function receiver(broken: Broken) {
  const seen = new Set<string>();
  const effects = new Map<string, number>();
  const post = async (body: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const signature = headers["stripe-signature"] ?? "";
    const [, at = "0", given = ""] = /^t=(\d+),v1=([0-9a-f]+)$/u.exec(signature) ?? [];
    const wanted = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
    if (broken !== "no signature" && given !== wanted) return 400;
    if (broken !== "no signature" && broken !== "no tolerance" && Math.abs(Date.now() / 1000 - Number(at)) > 300)
      return 400;
    const { id } = JSON.parse(body) as { readonly id: string };
    const key = broken === "memory by signature" ? signature : id;
    if (broken !== "no memory" && seen.has(key)) return 200;
    seen.add(key);
    effects.set(id, (effects.get(id) ?? 0) + 1);
    return broken === "every event" ? 500 : 200;
  };
  return { post, effects: async (id: string) => effects.get(id) ?? 0, now: Date.now, secret };
}

test.each<[Broken, readonly string[]]>([
  ["nothing", []],
  ["no signature", ["without a signature", "signed by somebody else", "changed on its way", "too old"]],
  ["no memory", ["the same again", "tried again by Stripe"]],
  ["memory by signature", ["tried again by Stripe"]],
  ["no tolerance", ["too old"]],
  ["every event", ["as it is"]],
])("a receiver with %s left out is told apart", async (broken, expected) => {
  const cases = await replayEvent("one.json", event, receiver(broken));
  expect(cases).toHaveLength(7);
  expect(cases.filter(({ taken }) => !taken).map(({ name }) => name)).toEqual(expected);
});

test("a signature has the form that Stripe documents", () => {
  expect(stripeSignature("whsec_test_secret", '{"id":"evt_1"}', 1_700_000_000)).toBe(
    `t=1700000000,v1=${createHmac("sha256", "whsec_test_secret").update('1700000000.{"id":"evt_1"}').digest("hex")}`,
  );
});

test("events of real money are never replayed", () => {
  expect(() => replayedEvent("a.json", '{"type":"x","livemode":true}', "evt_1")).toThrow(/real money/u);
  expect(() => replayedEvent("a.json", "[]", "evt_1")).toThrow(/no event/u);
});

const incident: Incident = {
  ...{ number: 3, title: "orders are\nnot filled", environment: "production", release: null, impact: "outage" },
  ...{ scope: "all", proposed: 1, rule: null, source: null, confirmed: 2, confirmedBy: "sam", openedBy: "sam" },
  ...{ openedAt: "2026-11-10T08:00:00.000Z", closedAt: null, rootCause: null, notes: [], followUps: [] },
};

test("a summary has what is overdue on top, and is written where nothing happened", () => {
  const span = { from: "2026-11-02", until: "2026-11-16" };
  const empty = operationsSummary({ ...span, incidents: [], followUps: [] });
  expect(empty).toMatchObject({ incidents: 0, open: 0, overdue: 0 });
  expect(empty.markdown).toContain("There was none.");
  const followUps = [
    { incident: 3, number: 1, what: "find the cause", owner: "ada", due: "2026-11-15" },
    { incident: 3, number: 2, what: "write it down", owner: "ada", due: "2026-11-16" },
  ];
  const full = operationsSummary({ ...span, incidents: [incident], followUps });
  expect(full).toMatchObject({ incidents: 1, open: 1, overdue: 1 });
  const { markdown } = full;
  expect(markdown.indexOf("find the cause")).toBeLessThan(markdown.indexOf("i3 SEV2 orders are not filled"));
  expect(markdown.indexOf("write it down")).toBeGreaterThan(markdown.indexOf("i3 SEV2"));
  expect(operationsSummary({ ...span, incidents: [incident], followUps }).digest).toBe(full.digest);
});

test("a packet names where each part is from, and is the same for the same commit", () => {
  const project = {
    name: "shop",
    environments: [
      {
        ...{
          name: "production",
          url: "https://shop.example",
          deploys: "on-request",
          promotesFrom: "staging",
          approvals: 1,
        },
        ...{
          verify: [{ name: "smoke" }],
          deadline: 600_000,
          placements: [{ service: "web", strategy: { kind: "rolling" } }],
        },
      },
    ],
  } as unknown as Project;
  const plan = {
    ...{ commit: "abc", roles: [{ name: "lead", people: [{ name: "ada", until: null }] }], duties: [], gates: [] },
    waivers: { longest: 0, approvers: [] },
  } as DutyPlan;
  const files = new Map([
    ["fairway.config.ts", "1".repeat(64)],
    ["ops/people.yaml", "2".repeat(64)],
  ]);
  const packet = knowledgePacket({ commit: "abc", project, plan, files });
  expect(packet.sections.find(({ title }) => title === "Who does what")).toEqual({
    title: "Who does what",
    sources: [{ path: "ops/people.yaml", sha256: "2".repeat(64) }],
    lines: ["lead: ada"],
  });
  expect(packet.markdown).toContain(
    "- production takes one when somebody asks; only what staging has verified; 1 must say yes",
  );
  expect(packet.markdown).toContain("Source: `fairway.config.ts` 111111111111");
  expect(knowledgePacket({ commit: "abc", project, plan, files }).digest).toBe(packet.digest);
  const other = new Map([...files, ["ops/people.yaml", "3".repeat(64)] as const]);
  expect(knowledgePacket({ commit: "abc", project, plan, files: other }).digest).not.toBe(packet.digest);
});
