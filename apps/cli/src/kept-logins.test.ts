import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepLogin, keptLogin } from "./kept-logins.ts";

const home = mkdtempSync(join(tmpdir(), "fairway-logins-"));
const before = process.env["XDG_CONFIG_HOME"];
beforeAll(() => {
  process.env["XDG_CONFIG_HOME"] = home;
});
afterAll(() => {
  if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
  else process.env["XDG_CONFIG_HOME"] = before;
  rmSync(home, { recursive: true });
});

const path = join(home, "fairway", "logins.json");
const url = "https://fairway.example.com";
const login = { token: "fw_cli_secret", name: "dana", expiresAt: "2999-01-01T00:00:00.000Z" };

test("nobody is logged in anywhere at first", async () => {
  expect(await keptLogin(url)).toBeNull();
});

test("a session is kept for one daemon, where only its owner reads it, and is forgotten", async () => {
  await keepLogin(url, login);
  await keepLogin("http://127.0.0.1:7300", { ...login, name: "local" });
  expect(await keptLogin(url)).toEqual(login);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "fairway")).mode & 0o777).toBe(0o700);
  await keepLogin(url, null);
  expect(await keptLogin(url)).toBeNull();
  expect(readFileSync(path, "utf8")).not.toContain("dana");
});

test("one that is over is none", async () => {
  await keepLogin(url, { ...login, expiresAt: "2001-01-01T00:00:00.000Z" });
  expect(await keptLogin(url)).toBeNull();
});

test("a file that others can read is refused, and so is one that is damaged", async () => {
  await keepLogin(url, login);
  chmodSync(path, 0o644);
  await expect(keptLogin(url)).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining(path) as string,
  });
  chmodSync(path, 0o600);
  writeFileSync(path, "{");
  await expect(keptLogin(url)).rejects.toMatchObject({
    code: "bad_request",
    hint: expect.stringContaining("remove it") as string,
  });
  rmSync(path);
});
