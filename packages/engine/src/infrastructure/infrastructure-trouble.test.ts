import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunId } from "@fairway/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { moment } from "../runs/engine-for-tests.ts";
import type { RunDetail } from "../runs/engine.ts";
import { listStates } from "../store/infrastructure-states.ts";
import type { HttpState } from "./testing/http-state.ts";
import { httpState } from "./testing/http-state.ts";
import type { StacksUnderTest } from "./testing/stacks-under-test.ts";
import { newestPlan, releaseWith, stackOf, stacksUnderTest } from "./testing/stacks-under-test.ts";

const tools = fileURLToPath(new URL("../../../../.cache/quality-tools/bin", import.meta.url));
const path = process.env["PATH"];
const request = { environment: "staging", of: null, by: "ana" } as const;

let under: StacksUnderTest;
let remote: HttpState;
beforeAll(async () => {
  process.env["PATH"] = `${path ?? ""}${delimiter}${tools}`;
  under = await stacksUnderTest();
});
afterAll(async () => {
  process.env["PATH"] = path;
  await under.closeAll();
});
beforeEach(async () => {
  remote = await httpState();
  await rm(join(under.data.root, "infrastructure"), { recursive: true, force: true });
});
afterEach(async () => {
  await remote.close();
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
const applied = async (): Promise<RunDetail> => under.ended(await under.control.apply(request));
const planOf = (run: RunId) => newestPlan(under.store, { run });

describe("several stacks", { timeout: 180_000 }, () => {
  /** A stack that writes its name into a journal; taken away, its name with a dash. */
  const stack = (name: string, after: readonly string[]): ReturnType<typeof stackOf> => {
    const journal = JSON.stringify(join(under.data.root, "journal"));
    const write = (text: string): readonly [string, ...string[]] => [
      "node",
      "-e",
      `require("node:fs").appendFileSync(${journal}, ${JSON.stringify(`${text} `)})`,
    ];
    return stackOf(
      name,
      {
        plan: ["node", "-e", "process.exit(5)"],
        show: null,
        apply: write(name),
        destroy: write(`-${name}`),
        exitCodes: { nothing: [0], changes: [5] },
      },
      { after, preventDestroy: false, folder: "cloud" },
    );
  };

  test("are changed each after those that it needs, and taken away the other way round", async () => {
    await files({ "cloud/empty": "" });
    under.runs.release = releaseWith([
      stack("services", ["data", "network"]),
      stack("data", ["network"]),
      stack("network", []),
    ]);
    expect((await applied()).state).toBe("succeeded");
    const away = await under.control.destroy({ ...request, typed: "staging" });
    for (const _stack of ["services", "data", "network"]) {
      const digest = await under.asks(away);
      for (const by of ["ben", "cleo"])
        await under.engine.approve(away, { by, answer: "yes", digest, names: ["staging"] });
    }
    expect((await under.ended(away)).state).toBe("succeeded");
    expect(await readFile(join(under.data.root, "journal"), "utf8")).toBe(
      "network data services -services -data -network ",
    );
  });
});

// Each asks the program several times, which takes seconds where much else runs.
describe.skipIf(!needs("terraform"))("when infrastructure is in trouble", { timeout: 300_000 }, () => {
  const network = (more: Parameters<typeof stackOf>[2] = {}): void => {
    under.runs.release = releaseWith([stackOf("network", "terraform", { preventDestroy: false, ...more })]);
  };

  test("the state of a workspace is there in the next run", async () => {
    await files({ "network/main.tf": 'resource "terraform_data" "a" {\n  input = terraform.workspace\n}\n' });
    network({ placed: { workspace: "live" } });
    expect((await planOf((await applied()).id))?.plan.basis.workspace).toBe("live");
    expect(jobOf(await applied(), "apply:network").message).toBe("nothing to do");
  });

  test("another's lock is waited for", async () => {
    await files({ "network/main.tf": `${remote.backend}resource "terraform_data" "a" {}\n` });
    network({ lockTimeout: 240_000 });
    remote.lock = '{"ID":"lock-1","Operation":"OperationTypeApply","Who":"dana@laptop"}';
    const held = moment();
    remote.whenHeld = () => held.happen();
    const run = await under.control.plan(request);
    await held.happened;
    remote.lock = null;
    expect((await under.ended(run)).state).toBe("succeeded");
  });

  test("a program that dies in the middle leaves a run that needs attention, with who holds the lock and what to do", async () => {
    const dies = 'provisioner "local-exec" {\n    command = "kill -9 $PPID"\n  }';
    await files({ "network/main.tf": `${remote.backend}resource "terraform_data" "a" {\n  ${dies}\n}\n` });
    network();
    const run = await applied();
    const { ID } = JSON.parse(remote.lock ?? "{}") as { readonly ID?: string };
    expect([run.state, run.attention?.why, run.attention?.action]).toEqual([
      "errored",
      expect.stringMatching(new RegExp(`was interrupted while .*its lock is held by somebody, lock ${ID}`, "u")),
      expect.stringMatching(
        new RegExp(`force-unlock ${ID}; then see what is left.*fairway infrastructure plan staging`, "u"),
      ),
    ]);
    expect(await planOf(run.id)).toMatchObject({ state: "unknown" });
  });

  test("a state that cannot be written is kept, and put back", async () => {
    await files({ "network/main.tf": `${remote.backend}resource "terraform_data" "a" {}\n` });
    network();
    remote.takesWrites = false;
    const run = await applied();
    const [left] = await listStates(under.store, "staging", "network");
    expect([run.state, run.attention?.action]).toEqual([
      "errored",
      expect.stringContaining(`fairway infrastructure state restore staging ${left?.id}`),
    ]);
    remote.takesWrites = true;
    const back = await under.control.restoreState({ environment: "staging", state: left?.id ?? 0, by: "ana" });
    await under.engine.approve(back, { by: "ben", answer: "yes", digest: await under.asks(back), names: ["network"] });
    expect(jobOf(await under.ended(back), "restore:network")).toMatchObject({ state: "succeeded", reason: null });
    expect(remote.state).toContain("terraform_data");
    expect(jobOf(await applied(), "apply:network").message).toBe("nothing to do");
  });

  test("a plan is void when the state has moved on, or the program is another version", async () => {
    await files({ "network/main.tf": `${remote.backend}resource "terraform_data" "a" {}\n` });
    network();
    const planned = await planOf((await under.ended(await under.control.plan(request))).id);
    const version = join(under.data.root, "newer", "terraform");
    await mkdir(dirname(version));
    await writeFile(
      version,
      `#!/bin/sh\nPATH='${process.env["PATH"]}'\n[ "$1" = version ] && exec echo "Terraform v9.9.9"\nexec terraform "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const before = process.env["PATH"];
    process.env["PATH"] = `${dirname(version)}${delimiter}${before}`;
    try {
      const other = await under.ended(await under.control.apply({ ...request, plan: planned?.id ?? 0 }));
      expect(jobOf(other, "apply:network").reason).toMatch(/is void: the program is not what it was planned for/u);
    } finally {
      process.env["PATH"] = before;
    }
    const second = await planOf((await under.ended(await under.control.plan(request))).id);
    remote.state =
      '{"version":4,"terraform_version":"1.6.0","serial":7,"lineage":"another","outputs":{},"resources":[]}';
    const moved = await under.ended(await under.control.apply({ ...request, plan: second?.id ?? 0 }));
    expect(jobOf(moved, "apply:network").reason).toMatch(
      /is void: the state, which was changed since \(its serial\).*\(its lineage\)/u,
    );
    expect(remote.lock).toBeNull();
  });
});
