import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { UnitFacts } from "./systemd-unit.ts";
import { systemdUnit } from "./systemd-unit.ts";

const facts: UnitFacts = {
  project: "shop",
  options: {
    dataDirectory: "/var/lib/fairway/shop",
    repository: "/srv/shop",
    host: "127.0.0.1",
    port: 7300,
    routerHost: "0.0.0.0",
    routerPort: 80,
    internalPort: 7301,
  },
  user: "root",
  node: "/usr/bin/node",
  path: "/usr/local/bin:/usr/bin",
};

const linesOf = (unit: string): readonly string[] => unit.split("\n");

test("a unit starts the daemon in the foreground with what it was given, and ends it alone", () => {
  const lines = linesOf(systemdUnit(facts));
  expect(lines.find((line) => line.startsWith("ExecStart="))).toMatch(
    /^ExecStart="\/usr\/bin\/node" ".*\/server\/dist\/main\.js" "--data" "\/var\/lib\/fairway\/shop" "--repository" "\/srv\/shop" .*"--router-port" "80"/,
  );
  expect(lines).toEqual(
    expect.arrayContaining(["KillMode=process", "Restart=on-failure", "User=root", "WantedBy=multi-user.target"]),
  );
});

test("the memory of a daemon that crashes, with the secrets in it, is written nowhere", () => {
  expect(linesOf(systemdUnit(facts))).toContain("LimitCORE=0:infinity");
});

test("in a user's own systemd there is no user, and it starts with the user's", () => {
  const lines = linesOf(systemdUnit({ ...facts, user: null }));
  expect(lines.filter((line) => line.startsWith("User="))).toEqual([]);
  expect(lines).toContain("WantedBy=default.target");
});

test("nothing in a path or a name becomes a setting, a variable or a specifier", () => {
  const hostile = '/srv/100%/$HOME/a b"c\\d\nUser=nobody';
  const unit = systemdUnit({ ...facts, project: hostile, options: { ...facts.options, repository: hostile } });
  expect(linesOf(unit)).not.toContain("User=nobody");
  expect(unit).toContain(String.raw`"--repository" "/srv/100%%/$$HOME/a b\"c\\d User=nobody"`);
});

test.skipIf(!existsSync("/usr/bin/systemd-analyze"))("systemd finds nothing wrong with it", () => {
  const directory = mkdtempSync(join(tmpdir(), "fairway-unit-"));
  const file = join(directory, "fairway-shop.service");
  writeFileSync(
    file,
    systemdUnit({ ...facts, node: process.execPath, options: { ...facts.options, dataDirectory: directory } }),
  );
  const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
  rmSync(directory, { recursive: true });
  expect(`${stdout}${stderr}`.split("\n").filter((line) => line.includes("fairway-shop"))).toEqual([]);
});
