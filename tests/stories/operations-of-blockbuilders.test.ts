import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Said } from "./support/command-line.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { refusal } from "./support/refusal.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";

// The tests of this file tell one story, in their order: what blockbuilders owes its users and its people between two releases.

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const example = join(import.meta.dirname, "../../examples/blockbuilders");
const secret = "whsec_of_the_story";
const page = "apps/web/app/page.tsx";
const promise = "What a backtest earned says nothing about tomorrow.";

describe.skipIf(!needs("python3", "time"))("the operations of blockbuilders", () => {
  let fairway: Fairway;
  let payments: ChildProcess;
  let text: string;

  const say = (name: string, ...words: readonly string[]): Promise<Said> => sayWith(name, "", ...words);
  const sayWith = (name: string, input: string, ...words: readonly string[]): Promise<Said> =>
    commandLineWith({ input, env: { FAIRWAY_USER: name } }, fairway.project.path, fairway.data, ...words);
  /** Ships, and has the duties of that commit hold. */
  async function ship(message: string, files: Files = {}): Promise<string> {
    await fairway.ship(message, files);
    const read = await say("Toni", "duties", "read");
    expect(read).toMatchObject({ code: 0, err: "" });
    const [newest] = await fairway.client.call("releases", { limit: 1 });
    return newest?.id ?? "";
  }
  /** Runs what shows a duty, and gives how it stands then. */
  async function shown(duty: string): Promise<string> {
    const { code, out } = await say("Priya", "duties", "run", duty);
    const { state } = JSON.parse((await say("Priya", "duties", "show", duty, "--json")).out) as {
      readonly state: string;
    };
    return state === "ok" && code === 0 ? "ok" : `${state}: ${out}`;
  }

  beforeAll(async () => {
    payments = spawn(
      "python3",
      [join(import.meta.dirname, "support/example-payments.py"), join(example, "apps/api"), secret],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      },
    );
    const [port] = (await once(payments.stdout!, "data")) as [Buffer];
    fairway = await openFairway({});
    for (const part of ["ops", "apps/web/app", "infrastructure", ".github", "README.md"])
      await cp(join(example, part), join(fairway.project.path, part), { recursive: true });
    text = await readFile(join(example, page), "utf8");
    const edited = async (file: string, edit: (text: string) => string): Promise<Files> => ({
      [file]: edit(await readFile(join(example, file), "utf8")),
    });
    const services = { web: { routes: [{ host: "web.localhost" }] } };
    await fairway.project.commit("Begin to build blocks", {
      "web/server.mjs": tinyService(),
      [page]: text.replace(promise, ""),
      ...(await edited("ops/duties.yaml", (of) =>
        of.replaceAll("https://staging-api.blockbuilders.app", `http://127.0.0.1:${String(port).trim()}`),
      )),
      "ops/gates.yaml": `gates:
  - environment: production
    require: ["content:disclosure", "notice:release", "incident:no-open-sev1"]
    owner: cto
waivers: { longest: P7D, approvers: [cto, compliance-advisor] }
`,
      ...configFile({
        name: "blockbuilders",
        services: { web: tinyConfig() },
        environments: {
          staging: { deploys: "automatically", services: {} },
          production: { promotesFrom: "staging", approvals: 1, services },
        },
      }),
    });
  });

  afterAll(async () => {
    payments?.kill();
    await fairway?.end();
  });

  test("a page that does not say what it must holds the release, by its file and line", async () => {
    const release = await ship("Say less");
    const { code, out } = await say("Camille", "readiness", "production", "--release", release);
    expect([code, out]).toEqual([1, expect.stringMatching(/content:disclosure.*apps\/web\/app\/page\.tsx:\d+/u)]);
    const found = await say("Camille", "disclosures");
    expect(found.out).toMatch(/something is to be mended[^]*apps\/web\/app\/page\.tsx:\d+ /u);
    expect((await say("Camille", "disclosures", "approve")).err).toContain("are not as they must be");
  });

  test("mended, it waits for somebody's yes to just these words, and another word needs another yes", async () => {
    const release = await ship("Say what is so", { [page]: text });
    const waits = await say("Camille", "disclosures", "--json");
    const { state, digest } = JSON.parse(waits.out) as { readonly state: string; readonly digest: string };
    expect(state).toBe("action_required");
    const unsaid = (await say("Camille", "readiness", "production", "--release", release)).out;
    expect(unsaid).toContain("content:disclosure – nobody has said yes to what users see");
    expect((await say("Camille", "disclosures", "approve", "--digest", "0".repeat(64))).err).toContain("has changed");
    const approved = await say("Camille", "disclosures", "approve", "--digest", digest, "--note", "read by me");
    expect(approved).toMatchObject({ code: 0, out: expect.stringContaining("Camille said yes") as string });
    const sentence = async (): Promise<string> =>
      (await say("Camille", "readiness", "production", "--release", release)).out.split("\n")[0] ?? "";
    expect(await sentence()).not.toContain("content:disclosure");
    await ship("Say more", { [page]: text.replace(promise, `${promise} Fees are extra.`) });
    expect((await say("Camille", "disclosures")).out).toContain("somebody has to say yes");
    // What was approved is approved wherever it is.
    await ship("Say what was read", { [page]: text });
    expect((await say("Camille", "disclosures")).out).toContain("Camille said yes");
  });

  test("support and compliance have what a release says for their time before it runs", async () => {
    const [newest] = await fairway.client.call("releases", { limit: 1 });
    const release = newest?.id ?? "";
    expect((await say("Priya", "notice", "send", release)).out).toContain("support-lead: nobody yet");
    const ready = async (of: string): Promise<Said> => say("Priya", "readiness", "production", "--release", of);
    await say("Sam", "notice", "receive", release, "--role", "support-lead");
    expect((await ready(release)).out).toMatch(/Production cannot take r\d+: notice:release/u);
    const received = await say("Camille", "notice", "receive", release, "--role", "compliance-advisor");
    expect(received.out).toMatch(/compliance-advisor: Camille, /u);
    // A day is not over.
    const { code, out } = await ready(release);
    expect([code, out]).toEqual([1, expect.stringMatching(/notice:release.*counts from /u)]);
    const refused = await refusal(
      fairway.client.call("deploy", { environment: "production", release: null, promote: true, by }),
    );
    expect(refused).toMatchObject({ code: "not_allowed_now", message: expect.stringContaining("notice:release") });
  });

  test("the same pack in another release keeps its receipts, and production takes it once the time is over", async () => {
    const notice = await readFile(join(example, "ops/notice.yaml"), "utf8");
    const release = await ship("Wait for no day", { "ops/notice.yaml": notice.replace("wait: 24h", "wait: 0s") });
    const ready = await say("Priya", "readiness", "production", "--release", release);
    expect(ready).toMatchObject({ code: 0, out: expect.stringContaining(`Production can take ${release}.`) as string });
    const run = await fairway.approve(await fairway.promote("production"));
    expect(run.state).toBe("succeeded");
    const other = await ship("Ask more", {
      "ops/content/faq.md": `${await readFile(join(example, "ops/content/faq.md"), "utf8")}\nAsk us.\n`,
    });
    expect((await say("Priya", "notice", other)).out).toContain("support-lead: nobody yet");
  });

  test("an incident is proposed, confirmed, noted and closed, and holds production meanwhile", async () => {
    const empty = await say("Priya", "incidents", "summary");
    expect(empty).toMatchObject({ code: 0, out: expect.stringContaining("There was none.") as string });
    const nowhere = await say("Sam", "incidents", "open", "Slow", "--impact", "outage", "--env", "prodution");
    expect(nowhere.code).not.toBe(0);
    expect(nowhere.err).toContain('there is no environment "prodution"');
    const opened = await say(
      "Sam",
      "incidents",
      "open",
      "Nobody can log in",
      "--impact",
      "outage",
      "--scope",
      "all",
      "--env",
      "production",
    );
    expect(opened).toMatchObject({ code: 0, out: expect.stringMatching(/i1\b/u) as string });
    const ready = (): Promise<Said> => say("Priya", "readiness", "production");
    expect((await ready()).out).toContain("an incident of severity 1 is open, i1 since ");
    expect((await say("Toni", "incidents", "confirm", "i1", "2")).code).toBe(0);
    expect((await ready()).out).not.toContain("an incident of severity 1 is open");
    await say("Sam", "incidents", "note", "i1", "the vendor answers 401");
    expect((await say("Sam", "incidents", "close", "i1")).code).not.toBe(0);
    expect((await say("Sam", "incidents", "close", "i1", "--cause", "unknown")).err).toContain(
      "nobody is to find it out",
    );
    await say("Sam", "incidents", "follow-up", "i1", "find the cause", "--owner", "Robin", "--due", "2020-01-01");
    expect((await say("Sam", "incidents", "close", "i1", "--cause", "unknown")).code).toBe(0);
    const shownOne = (await say("Sam", "incidents", "show", "i1")).out;
    for (const words of ["Nobody can log in", "the vendor answers 401", "unknown", "r5"])
      expect(shownOne).toContain(words);
    const summary = (await say("Priya", "incidents", "summary", "--from", "2020-01-01", "--until", "2099-01-01")).out;
    expect(summary.indexOf("find the cause")).toBeGreaterThan(0);
    expect(summary.indexOf("find the cause")).toBeLessThan(summary.indexOf("i1 SEV2 Nobody can log in"));
  });

  test("what Fairway writes and measures by itself is on record, and what nobody measures is never well", async () => {
    const set = await sayWith("Robin", secret, "secrets", "set", "STRIPE_WEBHOOK_SECRET", "--env", "staging");
    expect(set).toMatchObject({ code: 0 });
    expect(await shown("stripe:webhook-replay")).toBe("ok");
    expect(await shown("operations-log:summary")).toBe("ok");
    expect(await shown("packet:knowledge-transfer")).toBe("ok");
    const packet = join(fairway.place, "packet.md");
    expect((await say("Priya", "packet", "-o", packet)).code).toBe(0);
    const written = await readFile(packet, "utf8");
    expect(written).toContain("support-lead: Sam");
    expect(written).toMatch(/Source: `ops\/people\.yaml` [0-9a-f]{12}/u);
    const education = (await say("Uma", "education")).out;
    expect(education.match(/unmeasured/gu)).toHaveLength(3);
  });

  test("webhooks that nobody takes turn their replay red", async () => {
    payments.kill();
    await once(payments, "exit");
    expect(await shown("stripe:webhook-replay")).not.toMatch(/^ok/u);
  });

  test("what was shown is taken away, and held against its signature without a daemon", async () => {
    const [bundle, quarter] = [join(fairway.place, "r5.zip"), join(fairway.place, "quarter")];
    const name = (now = new Date()): string => `${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`;
    const [first, again] = [bundle, join(fairway.place, "again.zip")];
    for (const file of [first, again])
      expect(await say("Robin", "evidence", "export", "r5", file)).toMatchObject({ code: 0 });
    expect((await readFile(first)).equals(await readFile(again))).toBe(true);
    expect(await say("Robin", "evidence", "quarter", name(), "--sealed", quarter)).toMatchObject({ code: 0 });
    const seal = (await readdir(quarter)).find((file) => file.endsWith(".seal.json")) ?? "";
    expect((await readdir(quarter)).toSorted()).toHaveLength(4);
    const elsewhere = (...words: readonly string[]): Promise<Said> =>
      commandLineWith({ input: "", env: {} }, fairway.place, join(fairway.place, "nobody"), ...words);
    expect(await elsewhere("verify", first)).toMatchObject({ code: 0 });
    expect(await elsewhere("verify", join(quarter, seal))).toMatchObject({ code: 0 });
    const bytes = await readFile(first);
    bytes.write("Camilla", bytes.indexOf("Camille"));
    await writeFile(first, bytes);
    expect(await elsewhere("verify", first)).toMatchObject({ code: 1 });
    const csv = join(quarter, seal.replace("seal.json", "csv"));
    expect(await readFile(csv, "utf8")).toContain("read by me");
    await writeFile(csv, (await readFile(csv, "utf8")).replace("read by me", "read by all"));
    expect(await elsewhere("verify", join(quarter, seal))).toMatchObject({ code: 1 });
  });
});
