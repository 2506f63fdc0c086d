import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { standInForDaemon } from "../../testing/daemon-stand-in.ts";
import { runCli } from "../../testing/run-cli.ts";

const drill = {
  ...{ number: 2, repository: "pgBackRest shop", beganAt: "2027-01-31T04:00:00.000Z", endedAt: null, by: "ada" },
  ...{ backup: null, outcome: null, note: "", failedStep: null, rto: null, rpo: null, steps: [] },
};
const ended = { ...drill, number: 1, outcome: "passed", note: "RTO 41.0 s", rto: 41_000, rpo: 60_000 };

test("what drills have found is written into a playbook, once, and of one that goes on nothing", async () => {
  const place = await mkdtemp(join(tmpdir(), "fairway-log-"));
  onTestFinished(() => rm(place, { recursive: true }));
  const file = join(place, "restore.md");
  await writeFile(file, "# Restore\n");
  const daemon = await standInForDaemon({ "GET /api/v1/drills": [drill, ended] });
  const log = (): ReturnType<typeof runCli> => runCli(["--data", daemon.dataDirectory, "drill", "log", file]);
  expect(await log()).toMatchObject({ code: 0, stdout: `${file} has now 1 drill\n` });
  const written = await readFile(file, "utf8");
  expect(written).toMatch(
    /^# Restore\n\n<!-- drills: [^]*\| 1 \| 2027-01-31 04:00 \| .*passed.*41\.0 s.*\n\n<!-- drills: end -->\n$/u,
  );
  expect(await log()).toMatchObject({ code: 0, stdout: `${file} has 1 drill\n` });
  expect([await readFile(file, "utf8"), await readdir(place)]).toEqual([written, ["restore.md"]]);
  const lost = await runCli(["--data", daemon.dataDirectory, "drill", "log", join(place, "nowhere.md")]);
  await daemon.close();
  expect([lost.code, lost.stderr]).toEqual([1, expect.stringContaining("fairway drill log ops/playbooks/restore.md")]);
});
