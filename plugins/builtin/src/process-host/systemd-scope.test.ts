import { expect, test } from "vitest";
import type { SystemdFacts } from "./systemd-scope.ts";
import { scopesFor, scopeWords } from "./systemd-scope.ts";

const facts: SystemdFacts = {
  booted: true,
  program: "/usr/bin/systemd-run",
  root: false,
  userRuntime: "/run/user/7",
  userControllers: ["memory", "pids"],
};
const limits = { memory: 256 * 1024 ** 2, cpus: 0.5 };

test("root has the system's manager make scopes, with both limits", () => {
  expect(scopeWords(scopesFor({ ...facts, root: true }), "fairway-x-a@0.1", limits)).toEqual([
    "/usr/bin/systemd-run",
    "--system",
    "--scope",
    "--quiet",
    "--collect",
    "--unit=fairway-x-a_0.1.scope",
    ...["-p", "MemoryMax=268435456", "-p", "MemorySwapMax=0", "-p", "CPUQuota=50%"],
    "--",
  ]);
});

test("others have their own manager make them, with what it may limit; the service does not see where it is", () => {
  expect(scopeWords(scopesFor(facts), "u", limits)).toEqual([
    ...["/usr/bin/env", "XDG_RUNTIME_DIR=/run/user/7"],
    ...["/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect", "--unit=u.scope"],
    ...["-p", "MemoryMax=268435456", "-p", "MemorySwapMax=0"],
    "--",
    ...["/usr/bin/env", "-u", "XDG_RUNTIME_DIR"],
  ]);
});

test.each([
  [{ booted: false }, "systemd does not run this machine"],
  [{ program: null }, "systemd-run is not in PATH"],
  [{ userRuntime: null }, "there is no systemd of this user; loginctl enable-linger"],
])("there are none with %j", (changes, because) => {
  const scopes = scopesFor({ ...facts, ...changes });
  expect(scopes).toEqual({ use: "none", because });
  expect(scopeWords(scopes, "u", limits)).toEqual([]);
});
