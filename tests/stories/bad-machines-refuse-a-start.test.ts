import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DaemonOptions } from "@fairway/server";
import { startDaemon } from "@fairway/server/start-daemon";
import { commandLine, commandLineOnReadOnly } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairwayOn } from "./support/fairway-under-test.ts";
import type { GitProject } from "./support/git-project.ts";
import { gitProject } from "./support/git-project.ts";
import { endWhatIsLeft, processesOf } from "./support/leak-guard.ts";
import { refusal } from "./support/refusal.ts";
import { webProject } from "./support/tiny-service.ts";
import { needs } from "../../tools/skips.ts";
import { assertEnded } from "./support/watch-run.ts";

let place: string;
let project: GitProject;
let taken: number;
const holder = createServer();

beforeAll(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
  project = await gitProject(join(place, "project"));
  await project.commit("Begin", webProject());
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  taken = (holder.address() as AddressInfo).port;
});

const nothingRuns = (): void => expect(processesOf(place)).toEqual([]);

afterEach(nothingRuns);

afterAll(async () => {
  holder.close();
  await endWhatIsLeft(place);
  await rm(place, { recursive: true, force: true, maxRetries: 5 });
});

const start = (over: Partial<DaemonOptions>): ReturnType<typeof startDaemon> =>
  startDaemon({
    dataDirectory: join(place, "data"),
    repository: project.path,
    host: "127.0.0.1",
    port: 0,
    routerHost: "127.0.0.1",
    routerPort: 0,
    internalPort: 0,
    ...over,
  });

test.each<[string, (port: number) => Partial<DaemonOptions>]>([
  ["API", (port) => ({ port })],
  ["router", (routerPort) => ({ routerPort })],
  ["internal router", (internalPort) => ({ internalPort })],
])(
  "when the port of the %s is taken the start is refused by the port's number, and nothing is left running",
  async (_whose, over) => {
    const { code, message, hint } = await refusal(start(over(taken)));
    expect(code).toBe("port_in_use");
    expect(message).toContain(String(taken));
    expect(hint).toMatch(/\w/);
  },
);

test("an address that others could reach is refused", async () => {
  const { code, message } = await refusal(start({ host: "0.0.0.0" }));
  expect(code).toBe("refused_listen");
  expect(message).toContain("0.0.0.0");
});

test("a data directory that is a file, is below a file, or cannot be made is refused by its path", async () => {
  const file = join(place, "file");
  await writeFile(file, "");
  for (const dataDirectory of [file, join(file, "data"), "/proc/fairway-data"]) {
    const { code, message } = await refusal(start({ dataDirectory }));
    expect([dataDirectory, code]).toEqual([dataDirectory, "data_directory_unusable"]);
    expect(message).toContain(dataDirectory);
  }
});

test.skipIf(!needs("tmpfs-mount"))("a data directory that can only be read is refused by its path", async () => {
  const data = join(place, "read-only");
  await mkdir(data);
  const { code, err } = await commandLineOnReadOnly(project.path, data, "up", "--port", "0");
  expect(code).toBe(2);
  expect(err).toContain(data);
  expect(err).toContain("data_directory_unusable");
});

test("the command says the same, and exits with what tells a script that it could not find out", async () => {
  const { code, err } = await commandLine(
    project.path,
    join(place, "data"),
    "up",
    "--port",
    String(taken),
    "--router-port",
    "0",
    "--internal-port",
    "0",
  );
  expect(code).toBe(2);
  expect(err).toContain(String(taken));
  expect(err).toContain("port_in_use");
  const nowhere = await commandLine("/", join(place, "data"), "up");
  expect([nowhere.code, nowhere.err.includes("not_a_repository")]).toEqual([1, true]);
  const asked = await commandLine(project.path, join(place, "data"), "status");
  expect([asked.code, asked.err.includes("daemon_not_running")]).toEqual([2, true]);
});

test("after all these refusals the same directory starts, and a release goes through", async () => {
  expect(existsSync(join(place, "data"))).toBe(true);
  const fairway: Fairway = await openFairwayOn(project, place);
  try {
    assertEnded(await fairway.release(), "succeeded");
    await fairway.assertHealthy();
  } finally {
    await fairway.end();
  }
});
