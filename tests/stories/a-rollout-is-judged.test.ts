import type { AnalysisShape } from "@fairway/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import { faultsOfAccess } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { ask, startLoad } from "./support/requests.ts";
import { stagingOnly, tinyService, webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";

type Strategy = NonNullable<NonNullable<Parameters<typeof webProject>[1]>["service"]>["strategy"];

const project = (says: string, strategy: Strategy): Files =>
  webProject({ says }, { service: { replicas: 2, strategy }, environments: stagingOnly() });

beforeAll(async () => {
  fairway = await openFairway(project("one", "rolling"));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

const analysisOf = (run: string): Promise<AnalysisShape> => fairway.client.call("analysis", { run });

test("without any request nothing passes: a person is asked at each share, and may say to go on", async () => {
  const strategy: Strategy = {
    canary: { steps: [{ weight: 50, pause: "0s" }], bake: "0s", analysis: { every: "100ms", deadline: "500ms" } },
  };
  const asked = await fairway.ship("Say two", project("two", strategy));
  expect(asked.approval?.step).toMatchObject({ service: "web", weight: 50 });
  expect(asked.approval?.until).toContain("only 0 requests of the new release, and 100 are needed");
  const again = await fairway.approve(asked);
  expect(again.approval?.step).toMatchObject({ weight: 100 });
  assertEnded(await fairway.approve(again), "succeeded");
  const [{ looks } = { looks: [] }] = await analysisOf(asked.id);
  expect(new Set(looks.map(({ verdict }) => verdict))).not.toContain("pass");
  expect(await ask(fairway, host)).toMatchObject({ says: "two" });
});

test("a person lets it go on from one step and refuses the next, and the old release is back whole", async () => {
  const steps = [20, 60].map((weight) => ({ weight, pause: "approval" }));
  const asked = await fairway.ship("Say three", project("three", { canary: { steps } }));
  expect(asked.approval?.step).toEqual({ service: "web", weight: 20, question: "web: go on from 20 %?" });
  // Whoever comes back finds the same question, and the time that it takes is nobody's.
  await fairway.kill("SIGKILL");
  await fairway.start();
  const there = await fairway.settled(asked);
  expect(there.approval).toEqual(asked.approval);
  const next = await fairway.approve(there);
  expect(next.approval?.step).toMatchObject({ weight: 60 });
  expect(next.approval?.digest).not.toBe(asked.approval?.digest);

  const { project: repository, data } = fairway;
  const words = ["approve", "--no", "--yes", "--note", "too slow for me"];
  const { code, out } = await commandLine(repository.path, data, ...words);
  expect(out).toContain("go on from 60 %?");
  expect(out).toContain("refused to go on from 60 %: too slow for me");
  expect(code).toBe(1);
  expect(await ask(fairway, host)).toMatchObject({ says: "two" });
});

test("five more errors of a hundred are found beside the old release, and aborted", async () => {
  const strategy: Strategy = {
    canary: { steps: [{ weight: 50, pause: "10m" }], analysis: { errorRate: {}, every: "200ms" } },
  };
  const bad = tinyService({ says: "four", first: "let asked = 0;" }).replace(
    "response.writeHead(200, {",
    "response.writeHead(++asked % 20 === 0 ? 500 : 200, {",
  );
  const load = startLoad(fairway, host, { people: 8, pause: 1 });
  const run = await fairway.ship("Say four", { ...project("four", strategy), "web/server.mjs": bad });
  const { failures } = await load.stop();
  assertEnded(run, "failed");
  expect(reasonsOf(run)).toMatch(
    /error rate: \S+ % \(\d+ of \d+\) against \S+ % .* of the stable release; worse, p ≤ /u,
  );
  expect(failures.filter((failure) => !failure.includes("status 500"))).toEqual([]);
  const [{ looks } = { looks: [] }] = await analysisOf(run.id);
  expect(looks.at(-1)).toMatchObject({
    verdict: "fail",
    weight: 50,
    candidate: { release: "r4" },
    stable: { release: "r2" },
  });
  expect(await ask(fairway, host)).toMatchObject({ says: "two" });

  const { project: repository, data } = fairway;
  const { out } = await commandLine(repository.path, data, "run", "show", run.id);
  expect(out).toContain("web at 50 %  fail");
  expect(out).toMatch(/errors {2}r4 [▁-█ ]+ .* r2 [▁-█ ]+/u);
  await fairway.assertHealthy();
});

test.skipIf(!needs("chromium"))(
  "both releases stand beside each other on the page of the deployment, look by look",
  async () => {
    const [judged] = await fairway.client.call("deployments", { limit: 1 });
    const [{ looks } = { looks: [] }] = await analysisOf(judged?.run ?? "");
    const browser = await openChromium();
    try {
      const page = await browser.newPage({ reducedMotion: "reduce" });
      await page.goto(`${fairway.client.url}/deployments/${judged?.run}`);
      await page.getByRole("img", { name: /^Errors: new release [\d.]+ %, old release [\d.]+ %$/u }).waitFor();
      await page.getByRole("img", { name: /^p99: new release [\d.]+ ms, old release [\d.]+ ms$/u }).waitFor();
      expect(await page.locator(".analysis-verdict").textContent()).toContain(`fail ${looks.at(-1)?.reason}`);
      // A line for each release, with a place for each look at which it was asked for something.
      const lines = await page.locator(".analysis-chart path").all();
      const places = await Promise.all(
        lines.map(async (line) => (await line.getAttribute("d"))?.match(/[ML]/gu)?.length),
      );
      const asked = (of: "candidate" | "stable"): number => looks.filter((look) => look[of].requests > 0).length;
      expect(places.slice(0, 2)).toEqual([asked("stable"), asked("candidate")]);
      expect(await faultsOfAccess(page)).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
