import { codeOf } from "@fairway/core";
import { expect, test } from "vitest";
import { allowedPrivate } from "./allowed-private.ts";
import { argumentsOf, daemonOptions, flagsOf, optionsFrom } from "./daemon-options.ts";

test("ranges, addresses and names of hosts are read", () => {
  expect(allowedPrivate("10.0.0.0/8, 192.168.1.5 git.example.com\nfd00::/8 localhost")).toEqual([
    ...["10.0.0.0/8", "192.168.1.5", "git.example.com", "fd00::/8", "localhost"],
  ]);
});

test.each([
  ...["", " , ", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "300.1.1.1"],
  ...["*.example.com", "http://git.example.com", "git.example.com:8080", "10.1", "0x7f.1", "-a.example", "a..example"],
])("%j is refused", (written) => {
  let code: unknown;
  try {
    allowedPrivate(written);
  } catch (thrown) {
    code = codeOf(thrown);
  }
  expect(code).toBe("bad_request");
});

test("what the operator lets in is remembered, told to the daemon, and taken away by none", () => {
  const places = { dataDirectory: "/data", repository: "/project", host: "127.0.0.1" };
  const told = daemonOptions({ ...places, allowPrivate: "10.0.0.0/8, git.example.com" });
  expect(told.allowPrivate).toBe("10.0.0.0/8,git.example.com");
  expect(optionsFrom(argumentsOf(told)).allowPrivate).toBe(told.allowPrivate);
  expect(flagsOf(told).get("--allow-private")).toBe("10.0.0.0/8,git.example.com");
  expect(daemonOptions(places, told).allowPrivate).toBe(told.allowPrivate);
  expect(daemonOptions({ ...places, allowPrivate: "none" }, told).allowPrivate).toBeUndefined();
});
