import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Actor, RunId } from "@fairway/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { actingAs } from "../audit/acting.ts";
import { jobIs } from "../runs/engine-for-tests.ts";
import type { RunDetail } from "../runs/engine.ts";
import { listDrift } from "../store/infrastructure-drift.ts";
import { listPlans, planById, planFile } from "../store/infrastructure-plans.ts";
import { listStates } from "../store/infrastructure-states.ts";
import { addPerson } from "../store/people/people.ts";
import { reportsOfPlans } from "./plan-reports.ts";
import { stackOutputs } from "./stack-outputs.ts";
import type { StacksUnderTest } from "./testing/stacks-under-test.ts";
import { newestPlan, releaseWith, stackOf, stacksUnderTest } from "./testing/stacks-under-test.ts";

const tools = fileURLToPath(new URL("../../../../.cache/quality-tools/bin", import.meta.url));
const path = process.env["PATH"];

let under: StacksUnderTest;
beforeAll(async () => {
  process.env["PATH"] = `${path ?? ""}:${tools}`;
  under = await stacksUnderTest();
});
afterAll(async () => {
  process.env["PATH"] = path;
  await under.closeAll();
});
beforeEach(async () => {
  under.clock.ahead = 0;
  await rm(join(under.data.root, "infrastructure"), { recursive: true, force: true });
});
afterEach(async () => {
  for (const { id } of await under.engine.runs({ open: true, limit: 50 })) {
    await under.engine.cancel(id, { by: "ana" });
    await under.engine.ended(id);
  }
  await rm(under.source, { recursive: true, force: true });
});

async function files(all: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(all)) {
    const file = join(under.source, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

const jobOf = ({ jobs }: RunDetail, name: string): RunDetail["jobs"][number] => {
  const found = jobs.find((job) => job.name === name);
  if (found === undefined) throw new Error(`there is no job ${name}`);
  return found;
};
const request = { environment: "staging", of: null, by: "ana" } as const;

/** Commands whose world is a file: what is wanted is in the commit, what there is lies outside. */
const commands = (world: string): string => `import { existsSync, readFileSync, writeFileSync } from "node:fs";
const wanted = readFileSync("wanted", "utf8");
const world = ${JSON.stringify(world)};
const there = existsSync(world) ? readFileSync(world, "utf8") : "";
switch (process.argv[2]) {
  case "plan":
    process.exit(wanted === there ? 0 : 2);
  case "show":
    console.log(\`\${there || "nothing"} becomes \${wanted}, with \${process.env.TOKEN}\`);
    break;
  case "apply":
    writeFileSync(world, wanted);
    break;
}
`;
const program = (extra: object = {}): Parameters<typeof stackOf>[1] => ({
  plan: ["node", "do.mjs", "plan"],
  show: ["node", "do.mjs", "show"],
  apply: ["node", "do.mjs", "apply"],
  destroy: null,
  exitCodes: { nothing: [0], changes: [2] },
  ...extra,
});

describe("infrastructure of commands", { timeout: 180_000 }, () => {
  const world = (): string => join(under.data.root, "world");

  beforeEach(async () => {
    await rm(world(), { force: true });
    await files({ "cloud/do.mjs": commands(world()), "cloud/wanted": "two" });
    under.runs.release = releaseWith([
      stackOf("cloud", program(), { placed: { env: { TOKEN: { secret: "TOKEN" } } } }),
    ]);
    under.secrets.set("TOKEN", "hunter2-very");
  });

  test("is shown without its secrets, asked about, applied, and then there is nothing to do", async () => {
    const run = await under.control.apply(request);
    const digest = await under.asks(run);
    const plan = await newestPlan(under.store, { run });
    expect(plan?.digest).toBe(digest);
    expect(plan?.plan.shown).toMatch(/^nothing becomes two, with \*\*\*/u);
    const [check] = await reportsOfPlans(under.store, await under.engine.run(run), new Set(["check-run", "comment"]));
    expect(check).toMatchObject({
      key: expect.stringMatching(/^check infrastructure staging\/cloud a{40}$/u) as string,
      report: {
        kind: "check-run",
        state: "success",
        summary: expect.stringContaining("nothing becomes two") as string,
      },
    });
    await under.engine.approve(run, { by: "ben", answer: "yes", digest });
    expect((await under.ended(run)).state).toBe("succeeded");
    expect(await readFile(world(), "utf8")).toBe("two");
    expect((await planById(under.store, plan?.id ?? 0)).state).toBe("applied");
    const again = await under.ended(await under.control.apply(request));
    expect([again.state, jobOf(again, "apply:cloud").message]).toEqual(["succeeded", "nothing to do"]);
  });

  test("is approved by none who asked for it, as a deployment is not", async () => {
    const person = async (name: string): Promise<Actor> => {
      const identity = { name, email: `${name}@example.com`, passwordHash: null, identity: null };
      return { kind: "person", id: await under.store.transaction((tx) => addPerson(tx, identity)), name };
    };
    const [kim, eve] = [await person("kim"), await person("eve")];
    await writeFile(world(), "nothing");
    const run = await actingAs(kim, () => under.control.apply(request));
    const digest = await under.asks(run);
    const answers = (actor: Actor): Promise<unknown> =>
      actingAs(actor, () => under.engine.approve(run, { by: actor.name, answer: "yes", digest }));
    const token: Actor = { kind: "token", id: "t9", name: "ci", owner: { id: kim.id, name: "kim" } };
    for (const one of [kim, token])
      await expect(answers(one)).rejects.toMatchObject({
        code: "not_allowed_now",
        message: expect.stringContaining("kim asked for it") as string,
      });
    await answers(eve);
    expect((await under.ended(run)).state).toBe("succeeded");
  });

  test("that is no longer what was shown is stale, and planned again only when somebody asks", async () => {
    const run = await under.control.apply(request);
    const digest = await under.asks(run);
    await writeFile(world(), "three");
    await under.engine.approve(run, { by: "ben", answer: "yes", digest });
    const ended = await under.ended(run);
    expect([ended.state, jobOf(ended, "apply:cloud").reason]).toEqual([
      "failed",
      expect.stringContaining("the plan of cloud is stale"),
    ]);
    expect(await readFile(world(), "utf8")).toBe("three");
    await under.engine.retry(run, { by: "ana" });
    const other = await under.asks(run);
    expect(other).not.toBe(digest);
    await expect(under.engine.approve(run, { by: "ben", answer: "yes", digest })).rejects.toMatchObject({
      code: "stale_approval",
    });
    await under.engine.approve(run, { by: "ben", answer: "yes", digest: other });
    expect((await under.ended(run)).state).toBe("succeeded");
    expect(await readFile(world(), "utf8")).toBe("two");
  });

  test("that fails says with what, and nothing is applied", async () => {
    under.runs.release = releaseWith([
      stackOf("cloud", program({ plan: ["node", "-e", "console.error('no way'); process.exit(7)"] })),
    ]);
    const ended = await under.ended(await under.control.plan(request));
    expect(jobOf(ended, "plan:cloud").reason).toMatch(/node ended with exit code 7: no way/u);
  });

  test("that is stopped is asked once to end, and what came of it is on record", async () => {
    await files({
      "cloud/slow.mjs": `import { appendFileSync, writeFileSync } from "node:fs";
const journal = ${JSON.stringify(`${world()}.signals`)};
process.on("SIGINT", () => { appendFileSync(journal, "SIGINT "); setTimeout(() => process.exit(1), 50); });
process.on("SIGTERM", () => appendFileSync(journal, "SIGTERM "));
writeFileSync(journal, "begun ");
setInterval(() => {}, 1000);
`,
    });
    const slow = program({ apply: ["node", "slow.mjs"] });
    under.runs.release = releaseWith([
      stackOf("cloud", slow, { preventDestroy: false, placed: { env: { TOKEN: "x" } } }),
    ]);
    const run = await under.control.apply(request);
    await jobIs(under.engine, run, "apply:cloud", "running");
    const journal = `${world()}.signals`;
    while (!(await readFile(journal, "utf8").catch(() => "")).includes("begun"))
      await new Promise((next) => setTimeout(next, 20));
    await under.engine.cancel(run, { by: "ana" });
    expect((await under.ended(run)).state).toBe("aborted");
    expect(await readFile(journal, "utf8")).toBe("begun SIGINT ");
    const [plan] = await listPlans(under.store, { run, limit: 1 });
    expect([plan?.state, plan?.why]).toEqual(["failed", expect.stringContaining("node was stopped")]);
  });

  test("a plan that was made is applied once, and not after its time", async () => {
    await under.ended(await under.control.plan(request));
    const [plan] = await listPlans(under.store, { environment: "staging", limit: 1 });
    const id = plan?.id ?? 0;
    under.clock.ahead = 25 * 60 * 60 * 1000;
    const late = await under.control.apply({ ...request, plan: id });
    await under.engine.approve(late, { by: "ben", answer: "yes", digest: await under.asks(late) });
    expect(jobOf(await under.ended(late), "apply:cloud").reason).toMatch(/is void: it expired at/u);
    expect(await planFile(under.store, id)).toBeNull();
    await expect(under.control.apply({ ...request, plan: id })).rejects.toMatchObject({ code: "not_allowed_now" });
  });
});

const terraform = `variable "size" { default = "1" }
variable "secret" {
  default   = "none"
  sensitive = true
}
resource "terraform_data" "a" {
  count = tonumber(var.size)
  input = "x\${count.index}"
}
output "size" { value = var.size }
output "secret" {
  value     = var.secret
  sensitive = true
}
`;

// Each asks the program a dozen times, which takes seconds where much else runs.
describe.skipIf(!needs("terraform"))("infrastructure of Terraform", { timeout: 300_000 }, () => {
  const network = (size: string, more: object = {}): ReturnType<typeof stackOf> =>
    stackOf("network", "terraform", {
      placed: { variables: { size, secret: { secret: "DB" } } },
      outputs: [
        { variable: "SIZE", output: "size", services: null },
        { variable: "DB_PASSWORD", output: "secret", services: ["api"] },
      ],
      ...more,
    });
  const applied = async (size: string, more: object = {}): Promise<RunId> => {
    under.runs.release = releaseWith([network(size, more)]);
    const run = await under.control.apply(request);
    await under.engine.ended(run);
    return run;
  };

  beforeEach(async () => {
    under.secrets.set("DB", "from-the-vault");
    await files({ "network/main.tf": terraform });
  });

  test("is planned, applied as planned, and gives services its outputs", async () => {
    const run = await under.engine.run(await applied("2"));
    expect(run.jobs.map(({ name, state, message }) => [name, state, message])).toEqual([
      ["lock", "succeeded", expect.anything()],
      ["plan:network", "succeeded", expect.stringMatching(/2 to add, 0 to change, 0 to replace, 0 to destroy/u)],
      ["approval:network", "succeeded", null],
      ["apply:network", "succeeded", expect.stringMatching(/^applied plan \d+$/u)],
    ]);
    const release = releaseWith([network("2")]);
    expect(await stackOutputs(under.parts)(release, "staging", "web")).toEqual({ env: { SIZE: "2" }, secrets: [] });
    expect(await stackOutputs(under.parts)(release, "staging", "api")).toEqual({
      env: { SIZE: "2", DB_PASSWORD: "from-the-vault" },
      secrets: ["from-the-vault"],
    });
    const plan = await newestPlan(under.store, { environment: "staging", stack: "network" });
    expect(JSON.stringify(plan)).not.toContain("from-the-vault");
    expect(plan?.plan.basis).toMatchObject({ serial: null, lineage: null, workspace: "default" });
  });

  test("takes something away only when it is named, and keeps the state from before", async () => {
    await applied("3");
    under.runs.release = releaseWith([network("1")]);
    const run = await under.control.apply(request);
    const digest = await under.asks(run);
    await expect(under.engine.approve(run, { by: "ben", answer: "yes", digest })).rejects.toMatchObject({
      code: "not_allowed_now",
      message: expect.stringContaining("terraform_data.a[1], terraform_data.a[2]") as string,
    });
    await under.engine.approve(run, { by: "ben", answer: "yes", digest, names: ["terraform_data.a"] });
    expect((await under.ended(run)).state).toBe("succeeded");
    const [kept] = await listStates(under.store, "staging", "network");
    const plan = await newestPlan(under.store, { run });
    expect(kept).toMatchObject({ plan: plan?.id, serial: plan?.plan.basis.serial });

    // The state from before comes back as the newest of its history.
    const back = await under.control.restoreState({ environment: "staging", state: kept?.id ?? 0, by: "ana" });
    await under.engine.approve(back, { by: "ben", answer: "yes", digest: await under.asks(back), names: ["network"] });
    const restored = await under.ended(back);
    expect(jobOf(restored, "restore:network").message).toMatch(/^state \d+ is back as serial \d+$/u);
    const after = await under.ended(await under.control.plan(request));
    expect(jobOf(after, "plan:network").message).toMatch(/2 to destroy/u);
  });

  test("a plan is void when the variables, the state or the program have changed", async () => {
    await applied("1");
    under.runs.release = releaseWith([network("2")]);
    await under.ended(await under.control.plan(request));
    const [plan] = await listPlans(under.store, { environment: "staging", stack: "network", limit: 1 });
    under.secrets.set("DB", "another-password");
    const ended = await under.ended(await under.control.apply({ ...request, plan: plan?.id ?? 0 }));
    expect(jobOf(ended, "apply:network").reason).toMatch(/is void: the variables is not what it was planned for/u);
  });

  test("says file, line and column of what is wrong with the code, and records nothing", async () => {
    await files({ "network/bad.tf": 'resource "terraform_data" {\n}\n' });
    under.runs.release = releaseWith([network("1")]);
    const before = await listPlans(under.store, { limit: 500 });
    const ended = await under.ended(await under.control.plan(request));
    expect(jobOf(ended, "plan:network").reason).toMatch(/^network\/bad\.tf:1:\d+ Missing name for resource: /mu);
    expect(await listPlans(under.store, { limit: 500 })).toEqual(before);
  });

  test("a locked state names who holds it", async () => {
    await applied("1");
    const state = join(under.data.root, "infrastructure", "staging", "network");
    const program = `import fcntl, sys
f = open(sys.argv[1], "r+")
fcntl.lockf(f, fcntl.LOCK_EX)
open(sys.argv[2], "w").write('{"ID":"lock-1","Operation":"OperationTypeApply","Who":"dana@laptop","Version":"1","Created":"2026-01-01T00:00:00Z"}')
print("held", flush=True)
sys.stdin.read()`;
    const { spawn } = await import("node:child_process");
    const holder = spawn("python3", [
      "-c",
      program,
      join(state, "terraform.tfstate"),
      join(state, ".terraform.tfstate.lock.info"),
    ]);
    try {
      await new Promise((resolve) => holder.stdout.once("data", resolve));
      under.runs.release = releaseWith([network("2", { lockTimeout: 0 })]);
      const ended = await under.ended(await under.control.plan(request));
      expect(jobOf(ended, "plan:network").reason).toMatch(
        /the state of network is locked by dana@laptop \(OperationTypeApply\).*lock-1/u,
      );
    } finally {
      holder.stdin.end();
      await new Promise((resolve) => holder.once("exit", resolve));
      await rm(join(state, ".terraform.tfstate.lock.info"), { force: true });
    }
  });

  test("what the code has and the world has not is told as ours, and ends when it is applied", async () => {
    await applied("1");
    under.runs.release = releaseWith([network("2", { owner: "platform" })]);
    const looked = await under.ended(await under.control.look(request));
    expect(jobOf(looked, "look:network").message).toBe("1 ours");
    const [found] = await listDrift(under.store, { environment: "staging", limit: 10 });
    expect(found).toMatchObject({ address: "terraform_data.a[1]", kind: "ours", owner: "platform", closedAt: null });
    await applied("2");
    await under.ended(await under.control.look(request));
    expect(await listDrift(under.store, { environment: "staging", limit: 10 })).toEqual([]);
  });

  test("all of it goes only by its name and two people", async () => {
    await applied("1");
    await expect(under.control.destroy({ ...request, typed: "stagin" })).rejects.toMatchObject({ code: "bad_request" });
    const run = await under.control.destroy({ ...request, typed: "staging" });
    const digest = await under.asks(run);
    const names = ["staging"];
    await expect(under.engine.approve(run, { by: "ben", answer: "yes", digest })).rejects.toMatchObject({
      code: "not_allowed_now",
    });
    await under.engine.approve(run, { by: "ben", answer: "yes", digest, names });
    await under.engine.approve(run, { by: "ben", answer: "yes", digest, names });
    expect((await under.engine.run(run)).state).toBe("waiting");
    await under.engine.approve(run, { by: "cleo", answer: "yes", digest, names });
    expect((await under.ended(run)).state).toBe("succeeded");
    const listed = execFileSync("terraform", [
      "state",
      "list",
      `-state=${join(under.data.root, "infrastructure/staging/network/terraform.tfstate")}`,
    ]);
    expect(listed.toString()).toBe("");
  });
});
