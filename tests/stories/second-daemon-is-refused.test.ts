import { afterAll, beforeAll, expect, test } from "vitest";
import { startDaemon } from "@fairway/server/start-daemon";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { webProject } from "./support/tiny-service.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject());
});

afterAll(() => fairway?.end());

const startAnother = (): Promise<unknown> =>
  startDaemon({
    dataDirectory: fairway.data,
    repository: fairway.project.path,
    host: "127.0.0.1",
    port: 0,
    routerHost: "127.0.0.1",
    routerPort: 0,
    internalPort: 0,
  });

test("a second daemon on the same data directory is refused and told who holds it, as often as it is tried", async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const { code, message, hint } = await refusal(startAnother());
    expect(code).toBe("daemon_running");
    expect(message).toContain(`held by another daemon, pid ${fairway.pid}`);
    expect(hint).toContain("fairway down");
  }
  await fairway.assertHealthy();
});

test("who asks for a daemon by the command gets the one that runs", async () => {
  const { code, out } = await commandLine(fairway.project.path, fairway.data, "up", "--json");
  expect([code, JSON.parse(out)]).toEqual([
    0,
    { pid: fairway.pid, url: fairway.client.url, dataDirectory: fairway.data },
  ]);
});

test("of two that start at the same moment one wins, and the other is told so", async () => {
  await fairway.kill("SIGTERM");
  const up = () =>
    commandLine(fairway.project.path, fairway.data, "up", "--port", "0", "--router-port", "0", "--internal-port", "0");
  const [one, other] = (await Promise.all([up(), up()])).toSorted((a, b) => a.code - b.code);
  expect([one?.code, other?.code]).toEqual([0, 2]);
  expect(other?.err).toContain("daemon_running");
  // For the end of this file: the one that won is nobody's that the story knows.
  expect((await commandLine(fairway.project.path, fairway.data, "down")).code).toBe(0);
});
