import { memoryHost, memoryRouter, rolloutOf, specOf } from "@fairway/conformance";
import { expect, test } from "vitest";
import { codeOf } from "../errors.ts";
import type { ReleaseId } from "../ids.ts";
import { driven } from "./driven.ts";
import { defaultRolling } from "./strategies/rolling.ts";

const release = "r1" as ReleaseId;

function world() {
  const host = memoryHost();
  const router = memoryRouter();
  const target = driven({
    host,
    router,
    route: {
      name: "pr-12/web",
      rules: [{ host: "pr-12.fairway.localhost", path: "/" }],
      internalPath: "/pr-12/web",
      health: { path: "/healthz", interval: 1, timeout: 1 },
      waker: { host: "127.0.0.1", port: 4000, healthPath: "/awake" },
    },
    specOf: async (of, ordinal) => specOf(of, ordinal),
    stop: { drain: 1000, grace: 1000 },
    lookAgain: 25,
  });
  const route = () => router.table.routes["pr-12/web"];
  return { host, target, route, endpoints: () => route()?.groups.flatMap((group) => group.endpoints) ?? [] };
}

const wanted = rolloutOf({ from: null, to: release, desired: 1, strategy: defaultRolling });

test("a service that rests has no replica, and who wakes it answers in its place until one is ready again", async () => {
  const { host, target, route, endpoints } = world();
  await target.keep?.(wanted);
  host.tick();
  await target.keep?.(wanted);
  expect(endpoints().map(({ replica }) => replica)).toEqual(["r1-0"]);
  expect(route()?.health.path).toBe("/healthz");

  await target.rest?.(wanted);
  await target.rest?.(wanted);
  expect(host.census()).toEqual({ alive: 0, ready: 0 });
  expect(endpoints()).toEqual([{ replica: "waker-4000", host: "127.0.0.1", port: 4000 }]);
  expect(route()?.health.path).toBe("/awake");

  await target.keep?.(wanted);
  expect(endpoints().map(({ replica }) => replica)).toEqual(["waker-4000"]);
  host.tick();
  await target.keep?.(wanted);
  expect(endpoints().map(({ replica }) => replica)).toEqual(["r1-0"]);
});

test("whoever puts a service to rest is shut out by a deployment that has begun since", async () => {
  const { target } = world();
  await target.keep?.(wanted);
  await target.fence?.({ ...wanted.token, epoch: wanted.token.epoch + 1 });
  expect(await target.rest?.(wanted).catch(codeOf)).toBe("fenced");
});
