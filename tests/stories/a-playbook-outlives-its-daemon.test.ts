import { readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { processesOf, until } from "./support/leak-guard.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";

// A person follows a playbook while the machine has a bad day: its daemon is killed, and the step that it ran too. What a step
// did is written line by line into a file of the story.

let fairway: Fairway;
/** Where steps say what they do, and wait until they are let go on. */
let place: string;

/** A step that says that it began, waits, and says that it ended. */
const step = (name: string, marks = ""): string =>
  `\`\`\`sh step=${name}${marks}
echo "${name} began" >> "$FAIRWAY_PLACE/said"
until [ -e "$FAIRWAY_PLACE/go-${name}" ]; do sleep 0.05; done
echo "${name} ended" >> "$FAIRWAY_PLACE/said"
\`\`\`
`;
const playbook = (id: string, ...steps: readonly string[]): Files => ({
  [`ops/playbooks/${id}.md`]: `---
id: ${id}
title: Move ${id}
owner: lead
reviewed: 2026-11-02
review_every: P99Y
escalation: [lead]
---

${steps.map((text) => text.replaceAll("$FAIRWAY_PLACE", place)).join("\n")}`,
});

const said = async (): Promise<readonly string[]> =>
  existsSync(join(place, "said")) ? (await readFile(join(place, "said"), "utf8")).trim().split("\n") : [];
const saying = (line: string): Promise<void> =>
  until(async () => (await said()).includes(line), `it said: ${line}`, 60_000);
const letGo = (name: string): Promise<void> => writeFile(join(place, `go-${name}`), "");
const begun = (id: string): Promise<{ readonly id: string }> =>
  fairway.client.call("runPlaybook", { playbook: id, by, environment: "staging" });

/** Kills the daemon and then, as a machine that loses its power, all that the step consists of. */
async function powerCut(): Promise<void> {
  await fairway.kill("SIGKILL");
  const steps = processesOf(join(fairway.data, "work"));
  expect(steps.length).toBeGreaterThan(0);
  for (const { pid } of steps) killIfThere(pid);
  await fairway.start();
}

/** What waits starts a process now and then, which may have ended since it was listed. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

beforeAll(async () => {
  fairway = await openFairway({
    "web/server.mjs": tinyService(),
    "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n`,
    ...configFile({ name: "story", services: { web: tinyConfig() }, environments: stagingOnly() }),
  });
  ({ place } = fairway);
  await fairway.project.commit("Write playbooks", {
    ...playbook("database", step("dump"), step("load")),
    ...playbook("files", step("copy"), step("compare", " idempotent")),
  });
  const { problems } = await fairway.client.call("readDuties", { by });
  if (problems.length > 0) throw new Error(problems.join("\n"));
});
beforeEach(() => writeFile(join(place, "said"), ""));
afterAll(() => fairway?.end());

test("a step goes on while its daemon is away, is done once, and the next one is as it was when it began", async () => {
  const run = await begun("database");
  await saying("dump began");
  await fairway.kill("SIGKILL");
  await fairway.project.commit("Write it anew", playbook("database", step("dump"), step("lose")));
  await fairway.start();
  await fairway.client.call("readDuties", { by });
  await letGo("dump");
  await saying("load began");
  await letGo("load");
  expect((await fairway.settled(run)).state).toBe("succeeded");
  expect(await said()).toEqual(["dump began", "dump ended", "load began", "load ended"]);
});

test("a step that was cut off itself is not begun again by itself: a person is asked, and says so", async () => {
  const run = await begun("files");
  await saying("copy began");
  await powerCut();
  const stopped = await fairway.settled(run);
  expect([stopped.state, stopped.attention]).toEqual([
    "errored",
    expect.objectContaining({ why: expect.stringContaining("interrupted, and nobody knows how far it came") }),
  ]);
  expect(await said()).toEqual(["copy began"]);
  await letGo("copy");
  await fairway.client.call("retry", { run: run.id, by });
  await saying("compare began");
  // This one may be repeated, as it says.
  await powerCut();
  await letGo("compare");
  expect((await fairway.settled(run)).state).toBe("succeeded");
  expect(await said()).toEqual([
    "copy began",
    "copy began",
    "copy ended",
    "compare began",
    "compare began",
    "compare ended",
  ]);
});

test("a person who knows that a step that was cut off is done says so: it is not run again, and what comes after it is", async () => {
  await fairway.project.commit("Write another", playbook("disks", step("attach"), step("format")));
  await fairway.client.call("readDuties", { by });
  const run = await begun("disks");
  await saying("attach began");
  await powerCut();
  expect((await fairway.settled(run)).attention).toMatchObject({ interrupted: "step:attach" });
  const waits = await fairway.client.call("waiting", {});
  expect(waits.map((one) => [one.run, one.kind])).toContainEqual([run.id, "attention"]);
  await fairway.client.call("retry", { run: run.id, by, done: "the disk is there, lsblk shows it" });
  await saying("format began");
  await letGo("format");
  const ended = await fairway.settled(run);
  expect([ended.state, ended.attention]).toEqual(["succeeded", null]);
  expect(await said()).toEqual(["attach began", "format began", "format ended"]);
  const [entry] = await fairway.client.call("audit", { action: "run.retried", limit: 1 });
  expect(entry).toMatchObject({ detail: { done: { job: "step:attach", note: "the disk is there, lsblk shows it" } } });
  await expect(fairway.client.call("retry", { run: run.id, by, done: "again" })).rejects.toThrow("succeeded");
});
