import { hostileTexts } from "@fairway/conformance";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import { settled } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { refusal } from "./support/refusal.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// Whatever people write into the forms and files of operations, and whatever others hand them there (an incident of a customer,
// the names in an export of an identity provider), is shown sign for sign in Chromium, and does nothing.

const patience = 90_000;
/** The texts that fit into a field of so many signs; none takes a NUL or half of a pair. */
const fitting = (signs: number): readonly string[] =>
  hostileTexts.map(({ text }) => text.replaceAll("\u0000", "").toWellFormed()).filter((text) => text.length <= signs);

/** Without what is not written into a file of YAML, and what a page shows otherwise than it was written, for the eye's sake. */
const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{M}]/u.test(text);
const plain = fitting(200).filter((text) => isPlain(text));

const titles = plain.map((text, at) => ({ id: `look/at-${at}`, title: JSON.stringify(text) }));
const [first = ""] = plain;
const files: Files = {
  "web/server.mjs": tinyService(),
  ...configFile({ name: "story", services: { web: tinyConfig() }, environments: stagingOnly() }),
  "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n  ops:\n    people: [{ name: otto }]\n`,
  "ops/gates.yaml": "gates: []\nwaivers: { approvers: [ops] }\n",
  "ops/duties.yaml": `duties:\n${titles
    .map(
      ({ id, title }) =>
        `  ${id}: { title: ${title}, task: ${title}, owner: lead, environment: staging, every: P1M, from: 2099-01-31 }\n`,
    )
    .join("")}`,
  "ops/credentials.yaml": `credentials:
  vendor-key:
    vendor: Hostile
    kind: ${JSON.stringify(plain[1])}
    environments: [staging]
    owner: lead
    consumers: [${JSON.stringify(plain[2])}]
    access-review: { every: P90D, from: 2099-01-15, rolling: true }
`,
  "ops/playbooks/look.md": `---\nid: look\ntitle: ${JSON.stringify(plain[3])}\nowner: lead\nescalation: [lead]\nreviewed: 2026-11-02\nreview_every: P3M\n---\n\n# Look ${plain[0]}\n\n\`\`\`sh step=look idempotent\necho all is well\n\`\`\`\n`,
};

describe.skipIf(!needs("chromium", "time"))("hostile text in what operations write down", () => {
  let fairway: Fairway;
  let browser: Browser;
  let page: Page;
  const wrong: string[] = [];
  const url = (path: string): string => `${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`;

  /** Opens a page with all that its lists have, and says what on it is more than text. */
  async function seen(path: string): Promise<string> {
    await page.goto(url(path));
    await settled(page);
    for (const more = page.getByRole("button", { name: /^Show .*more/ }).first(); await more.isVisible();)
      await more.click();
    const found = await page.evaluate<readonly string[]>(`[
      ...document.querySelectorAll("main :is(script, iframe, object, embed, base, meta, style, form[action], math, animate, img[src])"),
      ...document.querySelectorAll('[href^="javascript" i], [onerror], [onload], [onfocus], [onmouseover], [href*="evil.example"], [src*="evil.example"]'),
    ].map((element) => element.outerHTML.slice(0, 200))`);
    wrong.push(...found.map((html) => `${path}: ${html}`));
    if ((await page.evaluate("typeof window.hostile")) !== "undefined") wrong.push(`${path}: something ran`);
    if ((await page.evaluate("typeof {}.hostile")) !== "undefined") wrong.push(`${path}: every object was changed`);
    return (await page.locator("main#main").textContent()) ?? "";
  }

  /** Those of the texts that a page does not show as they were written. */
  async function hidden(path: string, texts: readonly string[]): Promise<readonly string[]> {
    const words = await seen(path);
    return texts.filter((text) => isPlain(text) && !words.includes(text));
  }

  beforeAll(async () => {
    fairway = await openFairway(files);
    browser = await openChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(url(""))) wrong.push(`asked ${request.url()}`);
    });
    page.on("pageerror", (thrown) => wrong.push(`threw ${thrown.message}`));
    page.on("dialog", (dialog) => wrong.push(`said ${dialog.message()}`));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) wrong.push(message.text());
    });
    assertEnded(
      await fairway.ship("Owe something", { "ops/people.yaml": files["ops/people.yaml"] ?? "" }),
      "succeeded",
    );
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test("in the files of duties, credentials and playbooks is shown as it was written", async () => {
    expect((await fairway.client.call("readDuties", { by })).problems).toEqual([]);
    expect(await hidden("duties", plain)).toEqual([]);
    expect(await hidden("matrix", plain)).toEqual([]);
    expect(await hidden("readiness", [first])).toEqual([]);
    expect(await hidden("credentials", plain.slice(1, 3))).toEqual([]);
    expect(await hidden("playbooks", plain.slice(3, 4))).toEqual([]);
    await seen("calendar");
    expect(wrong).toEqual([]);
  });

  test("in what is attested and waived is shown with the duty", async () => {
    const duty = "look/at-0";
    for (const note of fitting(2000)) await fairway.client.call("attestDuty", { by: note.slice(0, 120), duty, note });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await fairway.client.call("waiveDuty", { by: "otto", duty: "look/at-1", reason: first, until });
    expect(await hidden(`duties/${encodeURIComponent(duty)}`, plain)).toEqual([]);
    expect(await hidden(`duties/${encodeURIComponent("look/at-1")}`, [first])).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test("in an incident, from its title to its cause, is shown on its page and in the list", async () => {
    const { client } = fairway;
    for (const title of fitting(200)) await client.call("openIncident", { by, title, impact: "minor" });
    const told = await client.call("openIncident", { by, title: first, impact: "degraded" });
    const { number } = told;
    for (const text of fitting(1000)) {
      await client.call("noteIncident", { number, by, text });
      await client.call("followUpIncident", { number, by, what: text, owner: text.slice(0, 120), due: "2099-12-01" });
    }
    await client.call("closeIncident", { number, by, rootCause: plain[4] ?? "" });
    expect(await hidden("incidents", plain)).toEqual([]);
    expect(await hidden(`incidents/${number}`, plain)).toEqual([]);
    expect(wrong).toEqual([]);
  });

  test("in a review of access, which others have exported, and in what a vendor said is shown", async () => {
    const { client } = fairway;
    const principals = fitting(300).map((text, at) => ({
      ...{ principal: `${at} ${text}`, kind: "user" as const, access: [text], lastUsed: null, concerns: [text] },
    }));
    const duty = "credential/vendor-key@staging:access-review";
    const { number } = await client.call("openAccessReview", { by, duty, system: first, principals });
    for (const { principal, access } of principals)
      await client.call("decideAccess", {
        ...{ number, by, principal, choice: "keep" as const, because: access[0] ?? "" },
      });
    for (const note of fitting(4000)) await client.call("logVendorContact", { vendor: "Hostile", by, note });
    await page.goto(url("credentials"));
    await settled(page);
    expect(await hidden("credentials", plain)).toEqual([]);
    const heading = page.getByRole("heading", { level: 2, name: "What was spoken of with vendors", exact: true });
    await page.locator("section").filter({ has: heading }).getByText("Hostile", { exact: true }).click();
    for (const note of plain) await page.getByText(note, { exact: true }).first().waitFor({ state: "attached" });
    expect(await page.evaluate("typeof window.hostile")).toBe("undefined");
    expect(wrong).toEqual([]);
  });

  test("as the reason of a lock, a quarantine and a deletion is shown where it holds something up, and in the record", async () => {
    const { client } = fairway;
    for (const reason of fitting(2000)) {
      await client.call("lock", { environment: "staging", by, reason });
      await client.call("unlock", { environment: "staging", by, reason });
    }
    await client.call("lock", { environment: "staging", by, reason: plain[5] ?? "" });
    await client.call("quarantine", { release: "r1", by, reason: plain[6] ?? "" });
    expect(await hidden("", [plain[5] ?? ""])).toEqual([]);
    expect(await hidden("locks", [plain[5] ?? ""])).toEqual([]);
    expect(await hidden("releases/r1", [plain[6] ?? ""])).toEqual([]);
    await seen("audit");
    expect(wrong).toEqual([]);
  });

  test("that does not fit is refused, and said to be too long", async () => {
    const long = "<b>".repeat(7000);
    const refused = await refusal(fairway.client.call("openIncident", { by, title: long, impact: "minor" }));
    expect(refused).toMatchObject({ code: "bad_request" });
    expect(refused.message.length).toBeLessThan(500);
  });
});
