import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundsBrokenBy, drivenWorld, everyBound } from "@fairway/conformance";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { nothing, plainFacts } from "../strategy.ts";
import { defaultRolling, rolling } from "./rolling.ts";

// The suite that judges the strategy is judged here: each of these small mistakes must be noticed by it.
const mutants: readonly (readonly [mistake: string, from: string, to: string])[] = [
  [
    "the least is rounded down",
    "Math.ceil((desired * options.minimumHealthyPercent)",
    "Math.floor((desired * options.minimumHealthyPercent)",
  ],
  [
    "the most is rounded up",
    "Math.floor((desired * options.maximumPercent)",
    "Math.ceil((desired * options.maximumPercent)",
  ],
  ["the breaker opens one too late", "failed < tolerated", "failed <= tolerated"],
  ["the breaker opens one too early", "failed < tolerated", "failed < tolerated - 1"],
  [
    "the candidate counts as ready when it runs",
    "candidate.running === desired && candidate.ready === desired",
    "candidate.running === desired",
  ],
  [
    "it finishes with old ones left",
    "stable.running === 0 && candidate.running === desired",
    "candidate.running === desired",
  ],
  ["the old ones are left out of the most", "- stable.running - candidate.running;", "- candidate.running;"],
  ["the new ones are left out of the most", "- stable.running - candidate.running;", "- stable.running;"],
  ["there is room for one more than there is", "const room = ", "const room = 1 + "],
  ["one more is spare than is", "const spare = ", "const spare = 1 + "],
  [
    "what runs is spare, ready or not",
    "stable.ready + candidate.ready - leastReady",
    "stable.running + candidate.running - leastReady",
  ],
  ["what must stay is forgotten", " - leastReady(options, desired);", ";"],
  [
    "the new ones that are ready are not counted",
    "stable.ready + candidate.ready - leastReady",
    "stable.ready - leastReady",
  ],
  [
    "old ones that are not ready cannot be stopped",
    "stable.running - stable.ready + Math.max(0, spare)",
    "Math.max(0, spare)",
  ],
  [
    "as many are started as are desired, room or not",
    "Math.min(desired - candidate.running, Math.max(0, room))",
    "desired - candidate.running",
  ],
  [
    "it fills the room beyond what is desired",
    "Math.min(desired - candidate.running, Math.max(0, room))",
    "Math.max(0, room)",
  ],
  ["the old ones go only as the new ones need their place", "candidate.ready >= desired ? stoppable : ", ""],
  [
    "all new ones must be ready before the first old one goes",
    "Math.min(stoppable, desired - candidate.running - startable)",
    "0",
  ],
];

const folder = mkdtempSync(join(tmpdir(), "fairway-mutants-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());
/** What decides: the strategy and the breaker that it shares with the others. */
const sources = ["rolling.ts", "breaker.ts"].map((name) => ({
  name,
  text: readFileSync(new URL(name, import.meta.url), "utf8"),
}));

async function mutate(from: string, to: string): Promise<typeof rolling> {
  const found = sources.reduce((count, { text }) => count + text.split(from).length - 1, 0);
  expect(found, `"${from}" is there once`).toBe(1);
  const own = mkdtempSync(join(folder, "mutant-"));
  for (const { name, text } of sources)
    writeFileSync(
      join(own, name),
      text.replace(from, () => to),
    );
  return ((await import(/* @vite-ignore */ join(own, "rolling.ts"))) as { readonly rolling: typeof rolling }).rolling;
}

/** Old ones that serve nobody make place at once: waiting for them would end well, and late. */
function waitsForWhatServesNobody(judged: Pick<typeof rolling, "next">): string | null {
  const stable = { running: 6, ready: 3, failed: 0, busy: 0 };
  const view = {
    desired: 3,
    stable,
    candidate: nothing,
    weight: 0,
    facts: plainFacts,
  } as const;
  return judged.next(defaultRolling, view).do === "hold" ? "it waits for old ones that serve nobody" : null;
}

/** Three seeds of each size up to four: quiet, with crashes, and with a broken release that is taken back. */
async function firstFault(): Promise<string | null> {
  const waits = waitsForWhatServesNobody(rolling);
  if (waits !== null) return waits;
  for (const bound of everyBound())
    for (const seed of bound.desired <= 4 ? [1, 2, 3] : []) {
      const found = await boundsBrokenBy((setup) => drivenWorld(setup, { readiness: 0.5, crashes: 0.05 }), bound, seed);
      if (found !== null) return `${JSON.stringify(bound)} seed ${seed}: ${found}`;
    }
  return null;
}

test("the strategy as it is has no fault", async () => {
  expect(await firstFault()).toBeNull();
});

test.each(mutants)("it is noticed when %s", async (_mistake, from, to) => {
  const mutant = await mutate(from, to);
  vi.spyOn(rolling, "next").mockImplementation((options, view) => mutant.next(options, view));
  expect(await firstFault()).not.toBeNull();
});
