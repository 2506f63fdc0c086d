import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Run } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";

const example = join(import.meta.dirname, "../../examples/blockbuilders");
const workflow = ".github/workflows/ci-cd.yml";
/** It installs Next.js, Turborepo and Poetry: alone it takes a minute and a half, on a busy machine several. */
const longest = 20 * 60_000;

/** A team's own workflow for GitHub, as it stands, with the tools that it asks for and from where it gets them. */
describe.skipIf(!needs("package-registries"))("the workflow of blockbuilders", () => {
  let fairway: Fairway;

  beforeAll(async () => {
    fairway = await openFairway({});
    const copied = (source: string): boolean => !/[/](?:node_modules|dist|\.next|\.turbo)$/u.test(source);
    await cp(example, fairway.project.path, { recursive: true, filter: copied, verbatimSymlinks: true });
    const projects = ["apps/api", "apps/workers"].map((folder) => join(fairway.project.path, folder));
    await promisify(execFile)("python3.11", [join(import.meta.dirname, "support/use-simple-index.py"), ...projects]);
    await fairway.project.commit("Begin to build blocks");
  });

  afterAll(() => fairway?.end());

  const job = (run: Run, name: string): Run["jobs"][number] | undefined => run.jobs.find((each) => each.name === name);

  async function runOfWorkflow(): Promise<Run> {
    const words = ["workflow", "run", workflow, "--event", "push", "--json"];
    // Its exit code is that of the first try.
    const { out } = await commandLine(fairway.project.path, fairway.data, ...words);
    const [newest] = await fairway.client.call("runs", {});
    expect(out).toContain(newest?.id);
    const run = await fairway.client.call("run", { run: newest?.id ?? "" });
    if (job(run, "build-test")?.state === "succeeded") return run;
    // A registry that did not answer once is no fault of the workflow.
    return fairway.settled(await fairway.client.call("retry", { run: run.id, by }));
  }

  test("installs, lints and tests, and the deployments say what they lack", { timeout: longest }, async () => {
    const run = await runOfWorkflow();
    const ended = run.jobs.map(({ name, state, reason }) => [name, state, name === "build-test" ? reason : null]);
    expect(ended).toEqual([
      ["build-test", "succeeded", null],
      ["deploy-frontend", "failed", null],
      ["deploy-backend", "failed", null],
    ]);
    expect(job(run, "deploy-frontend")?.reason).toContain(
      "vercel-token, vercel-org-id, vercel-project-id have no value",
    );
    // And with which line of the configuration Fairway does it itself.
    expect(job(run, "deploy-frontend")?.reason).toContain("vercel: { token: { secret: VERCEL_TOKEN }, services:");
    expect(job(run, "deploy-backend")?.reason).toContain("ecs: { region: <region>, cluster: <cluster>, services:");
    expect(job(run, "deploy-backend")?.reason).toContain(
      "neither `role-to-assume` nor `aws-access-key-id` and `aws-secret-access-key` has a value",
    );
    const { out } = await commandLine(fairway.project.path, fairway.data, "logs", "--run", run.id);
    expect(out).toMatch(/apps\/api\/tests\/test_api\.py \.+/u);
    expect(out).toMatch(/Tasks: +5 successful, 5 total/u);
  });

  test("is told its faults before it runs", async () => {
    const { out } = await commandLine(fairway.project.path, fairway.data, "workflow", "check", workflow);
    for (const fault of ["action-pinned-by-tag", "oidc-without-permission", "built-again-to-deploy", "no-migrations"])
      expect(out).toContain(`[${fault}]`);
    expect(out).toContain("0 rejected");
  });
});
