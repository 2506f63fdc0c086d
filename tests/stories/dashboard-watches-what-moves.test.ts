import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { ask } from "./support/requests.ts";
import type { Behaviour } from "./support/tiny-service.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

// What a person sees of something that moves, in Chromium on the pages of a real daemon, which are never loaded again
// meanwhile.

/** Patient, because the machine may have other things to do. */
const patience = 90_000;
const host = "web.staging.localhost";

describe.skipIf(!needs("chromium", "time"))("a person at the dashboard", () => {
  let fairway: Fairway;
  let browser: Browser;
  let page: Page;

  const project = (behaviour: Behaviour, checks: Readonly<Record<string, string>> = {}): Files =>
    webProject(behaviour, {
      service: {
        replicas: 2,
        // So long that nothing fails while a person looks, on however slow a machine.
        health: { path: "/healthz", startWithin: "10m", interval: "200ms" },
        strategy: { "blue-green": { bake: "0s" } },
        checks,
      },
    });

  async function open(path: string): Promise<void> {
    await page.goto(`${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`);
    await page.locator("h1").first().waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
    await page.evaluate("window.notReloaded = true");
  }

  const wasNotReloaded = async (): Promise<void> => expect(await page.evaluate("window.notReloaded")).toBe(true);

  /** Commits, and asks for a release. */
  async function made(message: string, files: Files): Promise<{ readonly id: string }> {
    return fairway.client.call("makeRelease", { ref: await fairway.project.commit(message, files), by });
  }

  /** The same, until its deployment moves the service. */
  async function deploying(message: string, files: Files): Promise<{ readonly id: string }> {
    const { next } = await fairway.runUntil(await made(message, files), (run) => run.next.length > 0);
    return fairway.runUntil({ id: next[0] ?? "" }, (run) => stateOf(run, "rollout:web") === "running");
  }

  beforeAll(async () => {
    fairway = await openFairway(project({ says: "one" }));
    browser = await openChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    assertEnded(await fairway.release(), "succeeded");
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test("sees a blue-green move, holds it through a crash of the daemon, and lets it go on", async () => {
    const gate = join(fairway.place, "gate");
    const run = await deploying("Say two", project({ says: "two", listensOnce: gate }));
    await open(`deployments/${run.id}`);
    const service = page.getByRole("article", { name: "web" });
    await service.getByText("of 2 ready").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    const asks = page.getByRole("dialog", { name: `Pause ${run.id}` });
    await asks.getByText("web: 2 ready of r1, 0 of r2, and 0 % of the traffic is with r2.").waitFor();
    await asks.getByLabel("Why, for whoever meets it").fill("a look at the graphs");
    await asks.getByRole("button", { name: "Pause" }).click();
    await page.getByText("paused it: a look at the graphs").first().waitFor();
    await wasNotReloaded();

    await fairway.kill("SIGKILL");
    await fairway.start();
    await writeFile(gate, "");
    await open(`deployments/${run.id}`);
    await page.getByText("paused it: a look at the graphs").first().waitFor();
    // All that it waited for is there, and it stays where it is.
    await service.locator(".rollout-numbers div").nth(1).getByText("2 ready").waitFor();
    expect(await ask(fairway, host)).toMatchObject({ release: "r1" });
    await page.getByRole("button", { name: "Resume" }).click();
    await page
      .getByRole("dialog", { name: `Resume ${run.id}` })
      .getByRole("button", { name: "Resume" })
      .click();
    await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
    await service.locator(".rollout-numbers").getByText("100 %").waitFor();
    await wasNotReloaded();
    expect(await ask(fairway, host)).toMatchObject({ release: "r2" });
  });

  test("sees a broken release roll itself back, and first what it left", async () => {
    const gate = join(fairway.place, "broken");
    const first = `while (!(await import("node:fs")).existsSync(${JSON.stringify(gate)})) await new Promise((go) => setTimeout(go, 50));
console.log("no module named left"); process.exit(7);`;
    const run = await deploying("Break it", project({ first }));
    await open(`deployments/${run.id}`);
    await page.locator(".page-lead .badge[data-state=running]").waitFor();
    await writeFile(gate, "");
    await page.getByRole("heading", { name: "What failed replicas left" }).waitFor();
    await page.getByText("exit code 7").first().waitFor();
    await page.locator(".page-lead .badge[data-state=failed]").waitFor();
    expect(await page.locator(".log-block").first().textContent()).toContain("no module named left");
    await wasNotReloaded();
    expect(await ask(fairway, host)).toMatchObject({ release: "r2" });
  });

  test("flips a kill switch, and the flag that is served is another at once", async () => {
    const flag = { environment: "staging", flag: "new-checkout" } as const;
    await fairway.client.call("setFlag", { ...flag, by });
    await fairway.client.call("rollOutFlag", { ...flag, percent: 100, by });
    const { key, url } = await fairway.client.call("flagKey", { environment: "staging", kind: "server" });
    const served = async (): Promise<unknown> => {
      const answer = await fetch(`${url}/ofrep/v1/evaluate/flags/${flag.flag}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ context: { targetingKey: "ana" } }),
      });
      return ((await answer.json()) as { readonly value?: unknown }).value ?? "the default in the code";
    };
    expect(await served()).toBe(true);
    await open("flags?environment=staging");
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Kill new-checkout" }).click();
    await page.locator(".flag .chip").getByText("off", { exact: true }).waitFor();
    expect(await served()).not.toBe(true);
    await wasNotReloaded();
  });

  test("follows a log as it is written, and finds its groups, its errors and a link to some of its lines", async () => {
    const gate = join(fairway.place, "go-on");
    const noise = `import { existsSync } from "node:fs";
console.log("::group::Install\\nadded 7 packages\\nno faults\\n::endgroup::\\nbetween");
console.log("::group::Test\\nrunning\\n::error file=src/cart.ts,line=12,col=3::a cart without a price");
const look = () => existsSync(${JSON.stringify(gate)}) ? console.log("it went on\\n::endgroup::\\ndone") : setTimeout(look, 50);
look();`;
    const { id } = await made("Say more", {
      ...project({ says: "three" }, { noise: "node noise.mjs" }),
      "web/noise.mjs": noise,
    });
    const path = `runs/${id}?job=${encodeURIComponent(JSON.stringify("check:web/noise"))}`;
    await fairway.runUntil({ id }, (run) => stateOf(run, "check:web/noise") === "running");
    await open(path);
    await page.getByRole("button", { name: "Following" }).waitFor();
    await page.getByText("a cart without a price").first().waitFor();
    expect(existsSync(gate)).toBe(false);
    await writeFile(gate, "");
    await page.getByText("it went on").waitFor();
    await page.getByText("done", { exact: true }).waitFor();
    await wasNotReloaded();

    assertEnded(await fairway.runUntil({ id }, ({ endedAt }) => endedAt !== null), "succeeded");
    await open(path);
    // What went well is folded, and an error is shown with its place.
    const group = page.getByRole("button", { name: "Install" }).and(page.locator("[aria-expanded=false]"));
    await group.waitFor();
    await page.locator(".log-line[data-kind=error]").getByText("src/cart.ts:12:3").waitFor();
    expect(await page.getByText("added 7 packages").count()).toBe(0);
    await group.click();
    await page.getByText("added 7 packages").waitFor();
    await page.getByRole("link", { name: "Link to line 2", exact: true }).click();
    await page.getByRole("link", { name: "Link to line 4", exact: true }).click({ modifiers: ["Shift"] });
    await page.waitForURL(/#L2-L4$/);
    await page.reload();
    await page.getByText("added 7 packages").waitFor();
    expect(await page.locator(".log-line[data-meant] .log-number").allTextContents()).toEqual(["2", "3", "4"]);
  });

  test("who may only look sees all of a deployment that is held, and no button that can be pressed", async () => {
    const { client } = fairway;
    const run = await deploying("Say four", project({ says: "four", listensOnce: join(fairway.place, "never") }));
    const said = await commandLine(fairway.project.path, fairway.data, "pause", "staging");
    expect([said.code, said.out]).toEqual([0, expect.stringContaining(`fairway resume ${run.id}`)]);
    await client.call("addPerson", { name: by, password: "four words of ada's", role: "admin" });
    fairway.actAs((await client.call("login", { name: by, password: "four words of ada's" })).token);
    await client.call("addPerson", { name: "vera", password: "four words of vera's", role: "viewer" });
    await page.goto(`${client.url.replace("127.0.0.1", "localhost")}/deployments/${run.id}`);
    await page.getByLabel("Name").fill("vera");
    await page.getByLabel("Password").fill("four words of vera's");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("paused it").first().waitFor();
    const buttons = page.locator(".page-actions button");
    await buttons.first().waitFor();
    expect(await buttons.count()).toBe(2);
    expect(await page.locator('.page-actions button[aria-disabled="true"]').count()).toBe(2);
    expect(await buttons.first().textContent()).toContain("vera may not change");
    await fairway.client.call("stop", { environment: "staging", by });
    assertEnded(await fairway.settled(run), "aborted");
  });
});
