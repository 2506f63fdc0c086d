import { readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Run } from "@fairway/api";
import { isTerminal } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { SystemServer } from "../../packages/engine/src/backups/testing/system-server.ts";
import { ageKeys, systemServer } from "../../packages/engine/src/backups/testing/system-server.ts";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble } from "../../plugins/aws/fixtures/double.ts";
import { VercelDouble, served } from "../../plugins/builtin/fixtures/vercel/double.ts";
import { needs } from "../../tools/skips.ts";
import { apiImage, copySeed, seedConfig, seedOps, standInTools } from "./support/blockbuilders-seed.ts";
import type { Said } from "./support/command-line.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairwayOn } from "./support/fairway-under-test.ts";
import { gitProject } from "./support/git-project.ts";
import { startAhead, untilEvent } from "./support/killed-once.ts";
import { until } from "./support/leak-guard.ts";
import { assertEnded } from "./support/watch-run.ts";

// A daemon, an AWS, a Vercel and a database share two cores with other suites; nothing here measures how long it takes.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const workflow = ".github/workflows/ci-cd.yml";
const day = 24 * 60 * 60_000;

// The chapters tell one story in their order, as the seed does. In each of them the daemon is killed (-9) once: whoever comes
// back finds what was begun, and people see nothing of it. What happens without a kill is told by the stories of the parts.
describe.skipIf(!needs("time", "moto", "postgresql", "age", "namespaces"))(
  "the delivery and operations of blockbuilders",
  () => {
    let aws: AwsDouble;
    let vercel: VercelDouble;
    let atVercel: Awaited<ReturnType<typeof served>>;
    let managed: SystemServer;
    let fairway: Fairway;
    let backups: string;
    const path = process.env["PATH"] ?? "";

    const say = (name: string, ...words: readonly string[]): Promise<Said> => sayWith("", name, ...words);
    const sayWith = (input: string, name: string, ...words: readonly string[]): Promise<Said> =>
      commandLineWith({ input, env: { FAIRWAY_USER: name } }, fairway.project.path, fairway.data, ...words);
    /** Of a command that has to work. */
    async function told(name: string, ...words: readonly string[]): Promise<string> {
      const { code, out, err } = await say(name, ...words);
      expect([words, code, err]).toEqual([words, 0, expect.anything()]);
      return out;
    }
    /** By how much the daemon's clock is ahead: a day passes when it is told. */
    let ahead = 0;
    async function killed(): Promise<void> {
      await fairway.kill("SIGKILL");
      await startAhead(fairway, ahead);
    }
    const newestRun = async (): Promise<Run> => {
      const [run] = await fairway.client.call("runs", {});
      return fairway.client.call("run", { run: run?.id ?? "" });
    };

    beforeAll(async () => {
      aws = await awsDouble();
      for (const group of ["staging-api", "production-api"]) await aws.byCodeDeploy(group, 2, "blockbuilders");
      await aws.knob("tick-when-asked", { on: true });
      vercel = new VercelDouble();
      vercel.tickWhenAsked = true;
      atVercel = await served(vercel);
      managed = await systemServer();
      backups = join(managed.scratch, "backups");
      const keys = ageKeys();
      const project = await gitProject(join(managed.scratch, "story/project"));
      await copySeed(project.path);
      await project.commit("Build blocks", {
        ...seedConfig(atVercel.url),
        ...(await seedOps({ recipient: keys.recipient, directory: backups })),
      });
      process.env["PATH"] = `${await standInTools(managed.scratch)}${delimiter}${path}`;
      fairway = await openFairwayOn(project, join(managed.scratch, "story"), { allowPrivate: "127.0.0.1" });
      const secrets = {
        ...{ VERCEL_TOKEN: vercel.token, DATABASE_URL: managed.url, BACKUP_IDENTITY: keys.identity },
        ...{ SUPABASE_SERVICE_KEY: "supabase-of-the-story", STRIPE_RESTRICTED_KEY: "stripe-of-the-story" },
        ...{ KAIKO_API_KEY: "kaiko-of-the-story", COIN_METRICS_API_KEY: "coins-of-the-story" },
      };
      for (const [name, value] of Object.entries(secrets))
        for (const environment of name === "VERCEL_TOKEN" ? ["staging", "production"] : ["production"]) {
          const set = await sayWith(`${value}\n`, by, "secrets", "set", name, "--env", environment);
          if (set.code !== 0) throw new Error(set.err);
        }
    });
    afterAll(async () => {
      process.env["PATH"] = path;
      await fairway?.end();
      await managed?.stop();
      await atVercel?.close();
      await aws?.close();
    });

    test("CI/CD pipeline: the workflow is told its faults, and runs as it stands", async () => {
      const checked = await say("Robin", "workflow", "check", workflow);
      expect(checked.code).toBe(0);
      for (const fault of [
        "deploy-without-approval",
        "branch-deploys-nothing",
        "vercel-preview-only",
        "oidc-without-permission",
        "built-again-to-deploy",
        "poetry-at-the-root",
        "installed-never-tested",
        "no-migrations",
        "deploys-without-order",
        "no-concurrency-group",
        "action-pinned-by-tag",
      ])
        expect(checked.out).toContain(`[${fault}]`);
      expect(checked.out).toContain("0 rejected");

      expect((await say("Robin", "workflow", "run", workflow, "--event", "push", "--detach")).code).toBe(0);
      const begun = await newestRun();
      await untilEvent(fairway, begun, ({ kind }) => kind === "step.changed");
      await killed();
      const run = await fairway.settled(begun);
      expect(run.jobs.map(({ name, state }) => [name, state])).toEqual([
        ["build-test", "succeeded"],
        ["deploy-frontend", "failed"],
        ["deploy-backend", "failed"],
      ]);
      const reasons = run.jobs.map(({ reason }) => reason ?? "").join("\n");
      expect(reasons).toContain("vercel-token, vercel-org-id, vercel-project-id have no value");
      expect(reasons).toContain("neither `role-to-assume` nor `aws-access-key-id`");
      const log = await told("Robin", "logs", "--run", run.id);
      for (const words of [
        "pnpm turbo run lint test",
        "poetry install --directory apps/workers",
        "poetry run pytest apps/api",
      ])
        expect(log).toContain(words);
    });

    const begunAtCodeDeploy = async (group: string): Promise<number> =>
      (await aws.effects()).filter(({ service, why }) => service === group && why === "updated").length;
    const imageOf = async (group: string): Promise<string | undefined> => {
      const { taskDefinition } = (await aws.census())[group] ?? {};
      const { taskDefinition: found } = await aws.ecs.describeTaskDefinition({ taskDefinition });
      return found?.containerDefinitions?.[0]?.image;
    };
    const leadsTo = (domain: string): string | null => vercel.releaseOf(vercel.aliases.get(domain) ?? null);
    /** The daemon dies once CodeDeploy has been asked for a group, and what comes back makes no second deployment of it. */
    async function killedAsItMoves(run: { readonly id: string }, group: string): Promise<void> {
      const hasEnded = async (): Promise<boolean> =>
        isTerminal((await fairway.client.call("run", { run: run.id })).state);
      const isAsked = async (): Promise<boolean> => (await begunAtCodeDeploy(group)) > 0 || (await hasEnded());
      await until(isAsked, `CodeDeploy was asked for ${group}`, 240_000);
      await killed();
      await aws.knob("tick-when-asked", { on: true });
    }

    test("Deployment strategy: the page goes to Vercel and the backend to Fargate, in staging first", async () => {
      await aws.knob("tick-when-asked", { on: false });
      const run = await fairway.client.call("makeRelease", { ref: "HEAD", by });
      const made = await fairway.settled(run);
      assertEnded(made, "succeeded");
      const deployment = { id: made.next[0] ?? "" };
      await killedAsItMoves(deployment, "staging-api");
      assertEnded(await fairway.settled(deployment), "succeeded");
      expect(await begunAtCodeDeploy("staging-api")).toBe(1);
      expect(await imageOf("staging-api")).toBe(apiImage);
      expect(leadsTo("staging.blockbuilders.app")).toBe("r1");
      expect(leadsTo("blockbuilders.app")).toBe(null);
      expect(await begunAtCodeDeploy("production-api")).toBe(0);
      const table = await told("Robin", "environments");
      for (const url of ["https://staging-api.blockbuilders.app", "https://blockbuilders.app"])
        expect(table).toContain(url);
    });

    const readiness = (): Promise<Said> => say("Priya", "readiness", "production", "--release", "r1");
    const asksFor = async (): Promise<Said> => say("Priya", "promote", "production", "--detach");

    test("Knowledge transfer: support and compliance have what users will see 24 hours before, and not a moment less", async () => {
      await told("Camille", "disclosures", "approve", "HEAD", "--note", "read it whole");
      expect(await told("Priya", "notice", "send", "r1")).toContain("ops/content/faq.md");
      await told("Sam", "notice", "receive", "r1", "--role", "support-lead");
      await killed();
      expect((await readiness()).out).toContain("notice:release – compliance-advisor does not have its pack");
      await told("Camille", "notice", "receive", "r1", "--role", "compliance-advisor");
      const { from, receipts } = await fairway.client.call("releaseNotice", { release: "r1" });
      expect(Date.parse(from ?? "") - day).toBe(Math.max(...receipts.map(({ at }) => Date.parse(at))));
      const held = `notice:release – counts from ${from} on`;
      expect((await readiness()).out).toContain(held);
      expect((await asksFor()).err).toContain(held);

      // An hour is left.
      ahead = day - 60 * 60_000;
      await killed();
      expect((await asksFor()).err).toContain(held);
      ahead = day;
      await killed();
      expect((await readiness()).out).toMatch(/^✓ {2}notice:release /mu);
    });

    const newestDrill = async () => (await fairway.client.call("drills", { limit: 1 }))[0];

    const drillState = async (): Promise<string> =>
      (await fairway.client.call("duty", { duty: "drill/database", limit: 1 })).state;
    /** Again where the daemon was just looking after it by itself. */
    async function whenFree(...words: readonly string[]): Promise<Said> {
      let last = await say("Robin", ...words);
      const isFree = async (): Promise<boolean> => {
        if (!last.err.includes("another backup or drill goes on")) return true;
        last = await say("Robin", ...words);
        return false;
      };
      await until(isFree, `${words.join(" ")} was taken`, 120_000);
      return last;
    }
    async function beginDrill(): Promise<number> {
      let begun: number | null = null;
      const begins = async (): Promise<boolean> => {
        try {
          begun = (await fairway.client.call("startDrill", { of: "database" })).number;
        } catch (thrown) {
          if ((thrown as { readonly code?: string }).code !== "not_allowed_now") throw thrown;
        }
        return begun !== null;
      };
      await until(begins, "a drill was begun", 120_000);
      return begun ?? 0;
    }

    test("Backup & restore: a drill of a spoiled repository is red, and production takes nothing", async () => {
      for (const { id } of (await fairway.client.call("duties", { env: "production" })).duties)
        if (id.startsWith("credential/")) await told("Robin", "duties", "attest", id, "--note", "as the calendar says");
      // The first backup and its drill are made by themselves; after that nothing is due in this story.
      await until(async () => (await drillState()) === "ok", "a backup and a drill were made by themselves", 240_000);
      await spoil(backups);
      const red = await whenFree("drill", "database");
      expect([red.code, red.out]).toEqual([1, expect.stringMatching(/^✗ {2}restore .*its bytes have changed$/mu)]);
      await killed();
      const { code, out } = await readiness();
      expect(code).toBe(1);
      // It is all that holds production by now.
      expect(out.split("\n")[0]).toMatch(
        /^Production cannot take r1: drill\/database – failed on [\d-]+: failed at restore: [^;]* its bytes have changed\.$/u,
      );
      expect((await asksFor()).err).toContain("drill/database – failed on");
      expect((await fairway.client.call("deployments", { environment: "production" })).length).toBe(0);
    });

    test("Backup & restore: it is repaired, drilled again though its daemon dies, and production can take the release", async () => {
      expect((await whenFree("backups", "take", "database")).code).toBe(0);
      const number = await beginDrill();
      await until(async () => ((await newestDrill())?.steps.length ?? 0) > 0, "the drill has begun", 120_000);
      await killed();
      // Where it had not ended it is red in its step, and is made again by itself.
      await until(async () => (await drillState()) === "ok", "a drill has gone well", 240_000);
      const drills = await fairway.client.call("drills", { limit: 10 });
      expect(drills.find((one) => one.number === number)?.outcome).not.toBe(null);
      expect(drills[0]).toMatchObject({ outcome: "passed", failedStep: null });
      expect(await told("Priya", "readiness", "production", "--release", "r1")).toContain("Production can take r1.");
    });

    test("Deployment strategy: production takes the release after a person has said yes, once", async () => {
      expect((await asksFor()).code).toBe(0);
      const asked = await fairway.settled(await newestRun());
      expect(asked.approval).not.toBe(null);
      expect([await begunAtCodeDeploy("production-api"), leadsTo("blockbuilders.app")]).toEqual([0, null]);
      await aws.knob("tick-when-asked", { on: false });
      await told("Toni", "approve", asked.id, "--yes", "--detach");
      await killedAsItMoves(asked, "production-api");
      const run = await fairway.settled(asked);
      assertEnded(run, "succeeded");
      expect(run.outcome).toMatchObject({ outcome: "deployed" });
      expect([await begunAtCodeDeploy("production-api"), await imageOf("production-api")]).toEqual([1, apiImage]);
      expect(leadsTo("blockbuilders.app")).toBe("r1");
      expect(vercel.effects.filter((effect) => effect.startsWith("deployment"))).toHaveLength(
        vercel.deployments.length,
      );
      expect(vercel.deployments.map(({ target }) => target)).toEqual([null, "production"]);
    });

    test("Responsibility matrix, quarterly export and handover say what there was, and are the same after a kill", async () => {
      const quarter = quarterOf((await fairway.client.call("release", { release: "r1" })).createdAt);
      const written = async (): Promise<readonly string[]> => [
        await told("Priya", "matrix", "--md"),
        await told("Camille", "evidence", "quarter", quarter),
        await told("Priya", "packet"),
      ];
      const before = await written();
      await killed();
      const [matrix, summary = "", packet] = before;
      const [, later, same] = await written();
      expect(same).toBe(packet);
      // What a duty shows by itself meanwhile comes after it.
      expect(later).toContain(summary.split("\n## Counts")[0]);
      for (const row of [
        /^\| Backup validation & DR drills \| devops-lead \| Scheduled restore jobs verify snapshots \| passed .*drill\/database/mu,
        /^\| Compliance disclosure reviews \| compliance-advisor \| Content linting bots .* by Camille/mu,
        /^\| Credential rotation & audit \| devops-lead, product-manager \| Secrets scanner .* passed /mu,
        /^\| Customer support & incident comms \| support-lead \| Intercom auto-triage tags severity \|/mu,
        /^\| Knowledge base & onboarding assets \| product-manager \| Docs pipeline lints Markdown and checks links \|/mu,
      ])
        expect(matrix).toMatch(row);
      for (const row of ["evidence.failed | drill/database", "evidence.passed | drill/database", "notice:release#r1"])
        expect(summary).toContain(row);
      for (const part of [
        "https://blockbuilders.app",
        "support-lead: Sam",
        "drill/database: devops-lead → cto",
        "backup-restore",
      ])
        expect(packet).toContain(part);
    });

    test("Knowledge transfer: what users learn from stands with its figures, and the fortnight with its incidents", async () => {
      const figure = (name: string, asset: string, value: string, ...words: readonly string[]): Promise<Said> =>
        say(name, "duties", "attest", `education:${asset}`, "--fact", `value=${value}`, ...words);
      const word = await say("Uma", "duties", "attest", "education:onboarding-checklist", "--note", "they like it");
      expect([word.code === 0, word.err]).toEqual([false, expect.stringContaining("unmeasured")]);
      expect((await figure("Uma", "onboarding-checklist", "0.5")).code).toBe(0);
      const few = "first backtest within a week is 0.2, and should be at least 0.3";
      expect((await figure("Priya", "tutorial-videos", "0.2")).err).toContain(few);
      expect((await figure("Priya", "tutorial-videos", "0.2", "--outcome", "failed")).code).toBe(0);
      const suite = [
        /^Onboarding checklist copy +ux-writer +first strategy within a day +0\.5, met\b/mu,
        /^Trust and compliance FAQ +compliance-advisor +support questions a user +unmeasured\b/mu,
        /^Tutorial videos +product-manager +first backtest within a week +0\.2, missed\b/mu,
      ];

      const opening = ["open", "Nobody can log in", "--impact", "outage", "--scope", "all", "--env", "production"];
      expect(await told("Sam", "incidents", ...opening)).toMatch(/\bi1\b/u);
      await told("Toni", "incidents", "confirm", "i1", "2");
      await killed();
      await told("Sam", "incidents", "follow-up", "i1", "find the cause", "--owner", "Robin", "--due", "2020-01-01");
      await told("Sam", "incidents", "close", "i1", "--cause", "unknown");
      const written = await fairway.client.call("runDuty", { duty: "operations-log:summary", by: "Priya" });
      await killed();
      assertEnded(await fairway.settled(written), "succeeded");
      const table = await told("Uma", "education");
      for (const row of suite) expect(table).toMatch(row);
      const fortnight = await told("Priya", "incidents", "summary", "--from", "2020-01-01", "--until", "2099-01-01");
      // What is overdue comes first.
      expect(fortnight).toMatch(/find the cause[^]*i1 SEV2 Nobody can log in[^]*unknown/u);
      const { state } = await fairway.client.call("duty", { duty: "operations-log:summary", limit: 1 });
      expect(state).toBe("ok");
    });

    test("What is taken away verifies where nothing of it runs", async () => {
      const quarter = quarterOf((await fairway.client.call("release", { release: "r1" })).createdAt);
      const sealed = join(managed.scratch, "quarter");
      const bundle = join(managed.scratch, "r1.zip");
      await told("Camille", "evidence", "quarter", quarter, "--sealed", sealed);
      await told("Camille", "evidence", "export", "r1", bundle);
      await fairway.kill("SIGKILL");
      expect(await told("Camille", "verify", bundle)).toContain("the bundle of r1 is whole");
      expect(await told("Camille", "verify", join(sealed, `fairway-${quarter}.seal.json`))).toContain("is whole");
      const bytes = await readFile(bundle);
      const at = bytes.length >> 1;
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      await writeFile(bundle, bytes);
      expect((await say("Camille", "verify", bundle)).code).not.toBe(0);
    });
  },
);

/** The quarter of a moment: 2026-Q4. */
function quarterOf(moment: string): string {
  const at = new Date(moment);
  return `${at.getUTCFullYear()}-Q${Math.floor(at.getUTCMonth() / 3) + 1}`;
}

/** One bit of each dump in a repository is another one: nobody sees that from outside. */
async function spoil(repository: string): Promise<void> {
  for (const backup of await readdir(repository)) {
    const file = join(repository, backup, "dump.age");
    const bytes = await readFile(file);
    const at = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(file, bytes);
  }
}
