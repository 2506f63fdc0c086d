import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../testing/run-cli.ts";

const repository = realpathSync(mkdtempSync(join(tmpdir(), "fairway-install-")));
spawnSync("git", ["init", "--quiet", repository]);
afterAll(() => rmSync(repository, { recursive: true }));

const data = join(repository, "state");
const install = (...words: readonly string[]): ReturnType<typeof runCli> =>
  runCli(["--data", data, "install", ...words], { XDG_CONFIG_HOME: join(repository, "config") }, repository);

test("--print shows the unit of this repository's daemon and writes nothing", async () => {
  const { code, stdout } = await install("--print", "--user", "--router-port", "80");
  expect(code).toBe(0);
  expect(stdout).toContain(`"--data" "${data}" "--repository" "${repository}"`);
  expect(stdout).toContain('"--router-port" "80"');
  expect(stdout).not.toContain("User=");
  expect([data, join(repository, "config")].filter((path) => existsSync(path))).toEqual([]);
});

test("as JSON it says where the unit goes, and which commands start it", async () => {
  const { stdout } = await install("--print", "--user", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    file: join(repository, "config/systemd/user/fairway-state.service"),
    commands: [
      expect.stringMatching(/^loginctl enable-linger /),
      "systemctl --user daemon-reload",
      "systemctl --user enable --now fairway-state.service",
    ],
    written: false,
  });
});

test.skipIf(existsSync("/run/systemd/system"))(
  "where systemd does not run the machine nothing is written",
  async () => {
    const { code, stderr } = await install("--user");
    expect(code).toBe(1);
    expect(stderr).toMatch(/systemd does not run this machine/);
    expect(existsSync(data)).toBe(false);
  },
);

test("the unit has what the router is to do", async () => {
  const asked = ["--tls-port", "443", "--router-workers", "2", "--access-log", "0.1"];
  const { stdout } = await install("--print", "--user", ...asked);
  expect(stdout).toContain('"--tls-port" "443" "--access-log" "0.1" "--router-workers" "2"');
});

test("a port that is none is refused", async () => {
  expect((await install("--print", "--port", "99999")).code).not.toBe(0);
});
