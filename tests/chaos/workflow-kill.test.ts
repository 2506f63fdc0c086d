import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient } from "@fairway/api/client";
import { isTerminal } from "@fairway/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DaemonPlace, KillableDaemon } from "./killable-daemon.ts";
import { startKillableDaemon } from "./killable-daemon.ts";
import { seededKills } from "./kept-seeds.ts";
import { processesOf } from "./processes-of.ts";
import { seededRandom } from "./seeded-random.ts";

const times = Number(process.env["FAIRWAY_WORKFLOW_KILLS"] ?? 2);
const legs = ["a", "b"] as const;
/** More than are carried out between the kills. */
const stepsFor = (kills: number): number => kills * 2 + 4;
const linesPerStep = 30;
/** Under a heavy load a step may take long; past this nothing moves. */
const moveWithin = 180_000;

let folder: string;
let daemon: KillableDaemon | undefined;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "fairway-chaos-")));
});

afterEach(async () => {
  await daemon?.kill();
  for (const { pid } of processesOf(folder)) end(pid);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Its parent may have ended it meanwhile. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** Every step writes down that it begins and ends, counts on in the environment, and writes lines with pauses between. */
const workflow = (ledger: string, steps: number): string => `name: Chaos
on: push
jobs:
  legs:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        leg: [${legs.join(", ")}]
    outputs:
      count: \${{ steps.last.outputs.count }}
    env:
      COUNT: 0
    steps:
${Array.from(
  { length: steps },
  (_, index) => `      - id: ${index === steps - 1 ? "last" : `step-${index + 1}`}
        run: |
          echo "begin \${{ matrix.leg }}.${index + 1}" >> ${ledger}
          for i in $(seq ${linesPerStep}); do echo "line \${{ matrix.leg }}.${index + 1}.$i"; sleep 0.01; done
          echo "COUNT=$((COUNT + 1))" >> "$GITHUB_ENV"
          echo "count=$((COUNT + 1))" >> "$GITHUB_OUTPUT"
          echo "end \${{ matrix.leg }}.${index + 1}" >> ${ledger}
`,
).join("")}  after:
    needs: legs
    runs-on: ubuntu-latest
    steps:
      - run: test "\${{ needs.legs.outputs.count }}" = ${steps}
`;

async function makeRepository(ledger: string, steps: number): Promise<string> {
  const repository = join(folder, "repository");
  await mkdir(join(repository, ".github/workflows"), { recursive: true });
  await writeFile(join(repository, ".github/workflows/ci.yml"), workflow(ledger, steps));
  await writeFile(
    join(repository, "fairway.yaml"),
    "name: chaos\nservices: { web: { path: ., build: { output: . }, run: 'true', health: / } }\nenvironments: { production: { services: { web: {} } } }\n",
  );
  await writeFile(ledger, "");
  const who = ["-c", "user.name=Chaos", "-c", "user.email=chaos@example.invalid", "-c", "commit.gpgsign=false"];
  const git = (...words: readonly string[]): Promise<unknown> =>
    promisify(execFile)("git", ["-C", repository, ...who, ...words]);
  await git("init", "--quiet", "--initial-branch", "main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "First");
  return repository;
}

/** Waits until something has happened; past the time nothing moves. */
async function until(what: string, happened: () => Promise<boolean>): Promise<void> {
  for (const since = Date.now(); !(await happened());) {
    if (Date.now() - since > moveWithin) throw new Error(`nothing moves: ${what}`);
    await wait(20);
  }
}

test.each(seededKills("workflow", times))(
  "$kills kill -9 of the daemon during a workflow repeat no step, lose no line and leave no process (seed $seed)",
  async ({ kills, seed }) => {
    const steps = stepsFor(kills);
    const random = seededRandom(seed);
    const ledger = join(folder, "ledger");
    const begun = async (): Promise<number> =>
      (await readFile(ledger, "utf8")).split("\n").filter((line) => line.startsWith("begin")).length;
    const repository = await makeRepository(ledger, steps);
    const place: DaemonPlace = { data: join(folder, "data"), repository, port: 0, routerPort: 0, internalPort: 0 };
    let run = "";
    const resumed: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      daemon = startKillableDaemon(place);
      const startedAt = Date.now();
      const url = await daemon.ready;
      const before = await begun();
      if (run === "") {
        const started = await createClient(url).call("runWorkflow", {
          file: ".github/workflows/ci.yml",
          ref: "HEAD",
          by: "chaos",
          job: null,
          event: { name: "push", inputs: {}, payload: null },
          uncommitted: "refuse",
        });
        run = started.run?.id ?? "";
      }
      // What was in flight goes on by itself; that another step begins is the daemon's doing.
      await until("another step begins", async () => (await begun()) > before);
      resumed.push(Date.now() - startedAt);
      await wait(random() * 400);
      await daemon.kill();
    }
    daemon = startKillableDaemon(place);
    const client = createClient(await daemon.ready);
    await until("the run ends", async () => isTerminal((await client.call("run", { run })).state));
    const expected = legs.flatMap((leg) => Array.from({ length: steps }, (_, index) => `${leg}.${index + 1}`));
    const written = (await readFile(ledger, "utf8")).trim().split("\n");
    const of = (word: string): readonly string[] =>
      written.flatMap((line) => (line.startsWith(word) ? [line.slice(word.length + 1)] : [])).toSorted();
    expect(of("begin")).toEqual(expected.toSorted());
    expect(of("end")).toEqual(expected.toSorted());
    // After what the steps wrote: it tells which step is to blame when a variable is not what it should be.
    const ended = await client.call("run", { run });
    expect(ended.jobs.map(({ name, state, reason }) => ({ name, state, reason }))).toEqual(
      ["legs#0", "legs#1", "after"].map((name) => ({ name, state: "succeeded", reason: null })),
    );
    for (const [index, leg] of legs.entries()) await expectWholeLogs(client, run, `legs#${index}`, leg, steps);
    await client.call("shutdown", { keepServices: false });
    await daemon.gone;
    expect(processesOf(folder)).toEqual([]);
    process.stdout.write(`${kills} kills, slowest to go on ${Math.max(0, ...resumed)} ms after a start\n`);
  },
  720_000 + times * 30_000,
);

async function expectWholeLogs(
  client: ReturnType<typeof createClient>,
  run: string,
  job: string,
  leg: string,
  steps: number,
): Promise<void> {
  const found: string[] = [];
  for await (const { text } of client.stream("logs", { run, job, follow: "false" }))
    if (text.startsWith("line ")) found.push(text);
  expect(found).toEqual(
    Array.from({ length: steps }, (_, index) =>
      Array.from({ length: linesPerStep }, (_, line) => `line ${leg}.${index + 1}.${line + 1}`),
    ).flat(),
  );
}
