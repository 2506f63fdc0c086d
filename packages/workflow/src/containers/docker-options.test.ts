import { describe, expect, test } from "vitest";
import { dockerOptions, mountOf, plainSettings, wordsOf } from "./docker-options.ts";

describe("the options of a container", () => {
  test("are read as docker create takes them", () => {
    const options = `--health-cmd "pg_isready -U 'me'" --health-interval=10s --health-timeout 1m30s --health-retries 5
      -e LEVEL=a=b --user 1001:0 --memory 512m --cpus=1.5 --shm-size 1g --add-host db:10.0.0.1 -v /data:/data:ro --init`;
    expect(dockerOptions(options)).toEqual({
      settings: {
        ...plainSettings,
        user: "1001:0",
        memory: 512 * 1024 ** 2,
        cpus: 1.5,
        sharedMemory: 1024 ** 3,
        hosts: ["db:10.0.0.1"],
        init: true,
        health: {
          command: "pg_isready -U 'me'",
          interval: 10_000,
          timeout: 90_000,
          startPeriod: null,
          retries: 5,
        },
      },
      env: { LEVEL: "a=b" },
      mounts: [{ from: "/data", to: "/data", readOnly: true }],
    });
    expect(dockerOptions("  ")).toEqual({ settings: plainSettings, env: {}, mounts: [] });
  });

  test("that are not carried over are refused, and none is dropped in silence", () => {
    expect(() => dockerOptions("--gpus all")).toThrow('the option "--gpus" is not carried over; known are --add-host,');
    expect(() => dockerOptions("--init=true")).toThrow('the option "--init" is not carried over');
    expect(() => dockerOptions("alpine")).toThrow('the option "alpine"');
    expect(() => dockerOptions("--user")).toThrow('the option "--user" has no value');
    expect(() => dockerOptions("--memory lots")).toThrow('"lots" is no size, as 512m is');
    expect(() => dockerOptions("--health-interval 10")).toThrow('"10" is no duration, as 10s is');
    expect(() => dockerOptions('--health-cmd "open')).toThrow('a quote is not closed: "open');
  });
});

test("words are split as a shell splits them, and nothing is filled in", () => {
  expect(wordsOf(` a  "b c" 'd "e"' f\\ g "h\\"i" j'k'"l" $HOME "" `)).toEqual([
    "a",
    "b c",
    'd "e"',
    "f g",
    'h"i',
    "jkl",
    "$HOME",
    "",
  ]);
});

test("a volume is a source and a target, or a target alone; anything else is refused", () => {
  expect(mountOf("cache:/cache")).toEqual({ from: "cache", to: "/cache", readOnly: false });
  expect(mountOf("/cache")).toEqual({ from: null, to: "/cache", readOnly: false });
  for (const bad of ["a:b", "a", "", "a:/b:ro:c", "a:/b:sync"]) expect(() => mountOf(bad)).toThrow(/^the volume/);
});
