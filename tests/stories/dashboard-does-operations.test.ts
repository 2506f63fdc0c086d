import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

// Each thing that operations and settings ask of people, done once in Chromium on the pages of a real daemon. The tests tell
// one story, in their order: the last of them turn the login on.

const patience = 90_000;

const rolesOf = (name: string): string => `roles:\n  lead:\n    people: [{ name: ${JSON.stringify(name)} }]\n`;

const ops: Files = {
  "ops/people.yaml": rolesOf(by),
  "ops/duties.yaml": `duties:
  look/certificates:
    title: The certificates last another month
    owner: lead
    every: P1M
    from: 2099-01-31
    automation: ops/look.mjs
    run: { command: [node, ops/look.mjs], schedule: false }
`,
  "ops/look.mjs": 'console.log("they do");\n',
  "ops/credentials.yaml": `credentials:
  aws-core:
    vendor: AWS
    kind: IAM principals
    environments: [staging]
    owner: lead
    access-review: { every: P90D, from: 2099-01-15, rolling: true }
`,
  "ops/playbooks/look.md":
    "---\nid: look\ntitle: Look around\nowner: lead\nescalation: [lead]\nreviewed: 2026-11-02\nreview_every: P3M\n---\n\n# Look around\n\n```sh step=look idempotent\necho all is well\n```\n",
  "ops/content/faq.md": "# Questions\n\nTrading can lose all your money.\n",
  "ops/notice.yaml": "owner: lead\nenvironment: staging\nto: [lead]\npack: [ops/content/*.md]\nwait: 24h\n",
  "ops/disclosures.yaml": `owner: lead
environment: staging
every: P3M
from: 2099-01-31
phrases:
  loss: Trading can lose all your money.
rules:
  - paths: [ops/content/faq.md]
    require: [loss]
`,
};

const files: Files = {
  "web/server.mjs": tinyService(),
  ...ops,
  ...configFile({
    name: "story",
    services: {
      web: tinyConfig({
        replicas: 2,
        health: { path: "/healthz", startWithin: "10m", interval: "200ms" },
        checks: { noise: "node noise.mjs" },
      }),
    },
    environments: stagingOnly(),
  }),
  "web/noise.mjs": 'for (let at = 1; at <= 3000; at++) console.log("line " + at);\n',
};

describe.skipIf(!needs("chromium", "time"))("whoever looks after what runs, at the dashboard", () => {
  let fairway: Fairway;
  let browser: Browser;
  let page: Page;
  /** As whoever sits at the machine is called, before anybody has to log in. */
  let me: string;
  const wrong: string[] = [];

  async function open(path: string): Promise<void> {
    await page.goto(`${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`);
    await page.locator("h1").first().waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
  }

  const section = (title: string): Locator =>
    page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name: title, exact: true }) });

  /** Presses what opens a dialog, fills it, and presses what does the thing; it closes when that went well. */
  async function does(button: Locator, verb: string, fill?: (asks: Locator) => Promise<void>): Promise<void> {
    await button.click();
    const asks = page.getByRole("dialog");
    await fill?.(asks);
    await asks.getByRole("button", { name: verb, exact: true }).click();
    await asks.waitFor({ state: "detached" });
  }

  beforeAll(async () => {
    fairway = await openFairway(files);
    browser = await openChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    page.on("pageerror", (thrown) => wrong.push(thrown.message));
    me = (await fairway.client.call("me", {})).name;
    assertEnded(await fairway.ship("Owe something", { "ops/people.yaml": rolesOf(me) }), "succeeded");
    await fairway.client.call("readDuties", { by });
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test("sees a rolling move replica by replica, and its picture at the end", async () => {
    const place = join(fairway.place, "rolling");
    await mkdir(place);
    // Each replica takes the next number, and listens once it is its turn.
    const first = `const fs = await import("node:fs"); const place = ${JSON.stringify(place)}; let turn = 1;
for (;;) { try { fs.mkdirSync(place + "/taken-" + turn); break; } catch { turn += 1; } }
while (!fs.existsSync(place + "/turn-" + turn)) await new Promise((go) => setTimeout(go, 50));`;
    const sha = await fairway.project.commit("Say two", { "web/server.mjs": tinyService({ first }) });
    const made = await fairway.client.call("makeRelease", { ref: sha, by });
    const { next } = await fairway.runUntil(made, (run) => run.next.length > 0);
    const run = await fairway.runUntil({ id: next[0] ?? "" }, (one) => stateOf(one, "rollout:web") === "running");
    await open(`deployments/${run.id}`);
    const service = page.getByRole("article", { name: "web" });
    const fresh = service.locator(".rollout-numbers div").nth(1);
    await fresh.getByText("ready").waitFor();
    await writeFile(join(place, "turn-1"), "");
    await fresh.getByText("1 of 2 ready").waitFor();
    // Old and new stand side by side: those of the other release are drawn otherwise.
    await service.locator(".replicas-dots i[data-other]").first().waitFor();
    await writeFile(join(place, "turn-2"), "");
    await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
    await service.getByRole("img", { name: "Ready replicas: r1 from 2 to 0, r2 from 0 to 2" }).waitFor();
  });

  test("opens an incident, says how severe it is, writes down, has something done after it, and closes it", async () => {
    await open("incidents");
    await does(page.getByRole("button", { name: "Open an incident …" }), "Open it", async (asks) => {
      await asks.getByLabel("What goes wrong").fill("orders are not filled");
      await asks.getByLabel("It can be used, and not as it should").check();
      await asks.getByRole("combobox", { name: /^Where/ }).selectOption("staging");
      await asks.getByLabel("Release that brought it").fill("r2");
    });
    await page.getByRole("heading", { level: 1, name: "orders are not filled" }).waitFor();
    await does(page.getByRole("button", { name: "Confirm its severity …" }), "Confirm severity 1", async (asks) => {
      await asks.getByLabel("1, the worst").check();
    });
    await page.getByText("severity 1, confirmed").first().waitFor();
    await does(page.getByRole("button", { name: "Write down …" }), "Write it down", async (asks) => {
      await asks.getByLabel("What is known, or was done").fill("the key had expired");
    });
    await section("Written down").getByText("the key had expired").waitFor();
    await does(page.getByRole("button", { name: "To be done …" }), "Put it on record", async (asks) => {
      await asks.getByLabel("What", { exact: true }).fill("warn a week before");
      await asks.getByLabel("By whom").fill(by);
      await asks.getByLabel("Until").fill("2099-12-01");
    });
    await page.getByRole("button", { name: "It is done" }).click();
    await page.getByText(`by ${me}`).last().waitFor();
    await does(page.getByRole("button", { name: "Close it …" }), "Close it", async (asks) => {
      await asks.getByLabel("What the cause was").fill("nobody had renewed it");
    });
    await page.getByText("nobody had renewed it").waitFor();
    const [incident] = await fairway.client.call("incidents", {});
    expect(incident).toMatchObject({ confirmed: 1, environment: "staging", release: "r2" });
    expect(incident?.followUps.map(({ doneBy }) => doneBy)).toEqual([me]);
  });

  test("runs what shows a duty by itself, and it is on record", async () => {
    await open("duties");
    const row = page.getByRole("row").filter({ hasText: "look/certificates" });
    await does(row.getByRole("button", { name: "Run …" }), "Run it");
    await page.waitForURL(/\/runs\/run-\d+$/);
    await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
    await open(`duties/${encodeURIComponent("look/certificates")}`);
    await section("On record").getByText("passed").waitFor();
  });

  test("runs a playbook, step by step", async () => {
    await open("playbooks");
    await does(section("Look around").getByRole("button", { name: "Run …" }).first(), "Run it");
    await page.waitForURL(/\/runs\/run-\d+$/);
    await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
  });

  test("reviews who can do what, and writes down what a vendor said", async () => {
    await open("credentials");
    await does(page.getByRole("button", { name: "Review …" }), "Begin with 2", async (asks) => {
      await asks.getByLabel("What it shows").selectOption("credential/aws-core@staging:access-review");
      await asks.getByLabel("System").fill("aws:123456789012");
      await asks.getByLabel("Or its lines").fill("user,kind\nwithout-a-kind\n");
      await asks.getByText("line 2: 1 cells, and 2 names").waitFor();
      await asks.getByLabel("Or its lines").fill("user,kind,access\nrobin,user,Admin;Billing\ndeploy,role,Deploy\n");
    });
    const robin = page.getByRole("row").filter({ hasText: "robin" });
    await does(robin.getByRole("button", { name: "Decide …" }), "Decide", async (asks) => {
      await asks.getByLabel("revoke").check();
      await asks.getByLabel("Why").fill("left in spring");
    });
    await robin.getByText(`revoke, by ${me}: left in spring`).waitFor();
    const vendors = section("What was spoken of with vendors");
    await vendors.getByText("AWS", { exact: true }).click();
    await vendors.getByText("Nothing was spoken of yet.").waitFor();
    await does(vendors.getByRole("button", { name: "Write down …" }), "Write it down", async (asks) => {
      await asks.getByLabel("With whom, and what was said").fill("the limit is raised on Monday");
    });
    await vendors.getByText("the limit is raised on Monday").waitFor();
  });

  test("sends the notice of a release, says that it arrived, and says yes to what users are shown", async () => {
    await open("education");
    const notice = section("The notice of the newest release");
    await does(notice.getByRole("button", { name: "Send the notice …" }), "Send it", async (asks) => {
      await asks.getByText("ops/content/faq.md").waitFor();
    });
    await does(notice.getByRole("button", { name: "I have it …" }), "I have it");
    await notice.getByText(`${me} has it`).waitFor();
    const shown = section("What users are shown");
    await does(shown.getByRole("button", { name: "Say yes …" }), "Say yes", async (asks) => {
      await asks.getByLabel("A note, for the record").fill("read every word");
    });
    await shown.getByText(`by ${me}`).waitFor();
  });

  test("makes a backup and restores it apart, and sees how the drill went", { timeout: 8 * patience }, async () => {
    await open("backups");
    await does(page.getByRole("button", { name: "Back up …" }).first(), "Back it up");
    await does(page.getByRole("button", { name: "Drill …" }).first(), "Start the drill");
    const drills = section("Drills, step by step");
    await drills.getByText("Drill 1 of").waitFor();
    // A whole database is restored and started: on a busy machine that takes minutes.
    await drills
      .locator(".badge[data-state=succeeded]")
      .first()
      .waitFor({ timeout: 6 * patience });
    await page.getByRole("img", { name: /^RTO and RPO of 1 drills/ }).waitFor();
  });

  test("prints a log as lines that are whole, and says which of them they are", async () => {
    const runs = await fairway.client.call("runs", { kind: "release" });
    await open(`runs/${runs.at(-1)?.id ?? ""}?job=${encodeURIComponent(JSON.stringify("check:web/noise"))}`);
    await page
      .getByText("line 1", { exact: true })
      .or(page.getByText("line 3000", { exact: true }))
      .first()
      .waitFor();
    await page.emulateMedia({ media: "print" });
    await page.getByText(/Printed are the lines that were in view, \d+ to \d+ of 3,00\d/).waitFor();
    const boxes = await page.evaluate<readonly (readonly [number, number])[]>(
      "[...document.querySelectorAll('.log-line')].map((line) => line.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])",
    );
    expect(boxes.length).toBeGreaterThan(10);
    // One below the other, as text is: none lies on another.
    const overlaid = boxes.filter(([top], at) => at > 0 && top < (boxes[at - 1]?.[1] ?? 0) - 1);
    expect(overlaid).toEqual([]);
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    await page.emulateMedia({ media: "screen" });
  });

  test("adds people with the first of them as administrator, gives and takes roles, and keeps somebody out", async () => {
    await open("settings/people");
    await does(page.getByRole("button", { name: "Add a person" }), "Add them", async (asks) => {
      await asks.getByLabel("Name").fill(by);
      await asks.getByLabel("Their first password").fill("four words of ada's");
      await asks.getByLabel("Role").selectOption("admin");
    });
    // From now on everybody logs in.
    await page.getByRole("heading", { name: "Log in to Fairway" }).waitFor();
    await page.getByLabel("Name").fill(by);
    await page.getByLabel("Password").fill("four words of ada's");
    await page.getByRole("button", { name: "Log in" }).click();
    const { client } = fairway;
    fairway.actAs((await client.call("login", { name: by, password: "four words of ada's" })).token);
    await does(page.getByRole("button", { name: "Add a person" }), "Add them", async (asks) => {
      await asks.getByLabel("Name").fill("vera");
      await asks.getByLabel("Their first password").fill("four words of vera's");
    });
    const vera = page.getByRole("row").filter({ hasText: "vera" });
    await does(vera.getByRole("button", { name: "Roles …" }), "Give the role", async (asks) => {
      await asks.getByLabel("Role").selectOption("approver");
      await asks.getByLabel("Where").selectOption("staging");
    });
    await vera.getByText("approver").waitFor();
    await vera.getByRole("button", { name: "Roles …" }).click();
    const roles = page.getByRole("dialog", { name: "Roles of vera" });
    const approver = roles.getByRole("listitem").filter({ hasText: "approver" });
    await approver.getByRole("button", { name: "Take it" }).click();
    await approver.waitFor({ state: "detached" });
    await roles.getByRole("button", { name: "Cancel" }).click();
    await does(vera.getByRole("button", { name: "Keep out" }), "Keep them out");
    await vera.getByText("kept out").waitFor();
    await does(vera.getByRole("button", { name: "Let in again" }), "Let them in");
    await vera.getByText("kept out").waitFor({ state: "detached" });
  });

  test("makes a token and takes it back, and gives a secret and takes it away", async () => {
    await open("settings/tokens");
    await page.getByRole("button", { name: "Make a token" }).click();
    const asks = page.getByRole("dialog", { name: "Make a token" });
    await asks.getByLabel("What it is for").fill("nightly");
    await asks.getByRole("button", { name: "Make it" }).click();
    await page.getByRole("dialog", { name: "The token nightly" }).getByRole("button", { name: "I have it" }).click();
    const token = page.getByRole("row").filter({ hasText: "nightly" });
    await does(token.getByRole("button").first(), "Revoke it");
    await token.getByText("revoked").waitFor();
    await open("settings/secrets");
    await does(page.getByRole("button", { name: "Set a secret" }), "Set it", async (dialog) => {
      await dialog.getByLabel("Name").fill("OF_THE_STORY");
      await dialog.getByLabel("Value").fill("a value that nobody sees");
    });
    const secret = page.getByRole("row").filter({ hasText: "OF_THE_STORY" });
    await does(secret.getByRole("button", { name: "Next version" }), "Set it", async (dialog) => {
      await dialog.getByLabel("Value").fill("another value that nobody sees");
    });
    await does(secret.getByRole("button", { name: "Remove" }), "Remove it for good", async (dialog) => {
      await dialog.getByLabel("Type OF_THE_STORY to remove it").fill("OF_THE_STORY");
    });
    expect(wrong).toEqual([]);
  });
});
