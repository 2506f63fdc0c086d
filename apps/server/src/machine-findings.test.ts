import type { Project } from "@fairway/core";
import { expect, test } from "vitest";
import {
  clockFinding,
  limitedIn,
  limitsFinding,
  openFilesFinding,
  portRanges,
  portsFinding,
  processesFinding,
} from "./machine-findings.ts";

const none = { memory: "watched", cpus: "no", files: 1024, where: "they cannot be made" } as const;
const both = { ...none, memory: "kernel", cpus: "kernel" } as const;
const range = { from: 20_000, to: 29_999 };

test("a limit that nobody enforces is doubtful only where a service asks for it", () => {
  expect(limitsFinding(both, new Set(["memory", "cpus"]))).toMatchObject({ state: "ok" });
  expect(limitsFinding(none, new Set())).toEqual({
    state: "ok",
    message: "memory by a look each second, processor not enforced: they cannot be made",
    action: null,
  });
  expect(limitsFinding(none, new Set(["cpus"]))).toMatchObject({
    state: "warning",
    action: expect.stringContaining("fairway install"),
  });
  expect(limitsFinding({ ...none, memory: "kernel" }, new Set(["memory"]))).toMatchObject({ state: "ok" });
});

test("what services ask for is read off the configuration", () => {
  const services = [{ name: "a" }, { name: "b", limits: { memory: 1 } }];
  expect([...limitedIn({ services } as unknown as Project)]).toEqual(["memory"]);
});

test("few open files are few connections", () => {
  expect(openFilesFinding(20_000)).toMatchObject({
    state: "ok",
    message: expect.stringContaining("some 9900 connections"),
  });
  expect(openFilesFinding(1024)).toMatchObject({
    state: "warning",
    message: expect.stringContaining("some 412 connections"),
  });
  expect(openFilesFinding(null).state).toBe("ok");
});

test("strangers on the ports of services are named, and are trouble when hardly any port is left", () => {
  const strangers = [
    { port: 20_001, who: "pid 7 (nginx)" },
    { port: 20_002, who: null },
  ];
  expect(portsFinding(range, strangers, null)).toMatchObject({
    state: "ok",
    message:
      "20000 to 29999 are kept for services, which go around 20001 pid 7 (nginx), 20002 of somebody who cannot be seen",
  });
  expect(portsFinding({ from: 20_000, to: 20_050 }, strangers, null).state).toBe("warning");
});

test("outgoing connections that may take a service's port are trouble, until the command that is told was run", () => {
  const all = { from: 1024, to: 65_535 };
  expect(portsFinding(range, [], { range: { from: 32_768, to: 60_999 }, reserved: [] }).state).toBe("ok");
  const found = portsFinding(range, [], { range: all, reserved: portRanges("8080") });
  expect(found).toMatchObject({ state: "warning", action: expect.stringMatching(/=20000-29999$/) });
  const reserved = portRanges(`8080,${found.action?.split("=")[1]}`);
  expect(portsFinding(range, [], { range: all, reserved }).state).toBe("ok");
});

test("a clock far from the database's is told with the direction", () => {
  expect(clockFinding(300).state).toBe("ok");
  expect(clockFinding(5000).message).toBe("5.0 s behind the database's");
  expect(clockFinding(-5000).message).toBe("5.0 s ahead of the database's");
});

test("a machine without /proc is doubtful", () => {
  expect([processesFinding(true).state, processesFinding(false).state]).toEqual(["ok", "warning"]);
});
