import { memoryHost, memoryRouter, specOf } from "@fairway/conformance";
import type { FencingToken, ReleaseId } from "@fairway/core";
import { expect, test } from "vitest";
import { haltingHost, haltingRouter } from "./halting.ts";

const token: FencingToken = { scope: "test/api", epoch: 1, holder: "test" };
const r1 = "r1" as ReleaseId;

test("once it is to halt nothing is started, ended or forgotten any more, and one may still look", async () => {
  const stop = new AbortController();
  const inner = memoryHost();
  const host = haltingHost(inner, stop.signal);
  await host.start(specOf(r1, 0), token);
  inner.tick();
  stop.abort(new Error("ana stopped the run"));
  const effects = [
    () => host.start(specOf(r1, 1), token),
    () => host.stop("r1-0", 0, token),
    () => host.forget("r1-0", token),
  ];
  for (const effect of effects) await expect(effect()).rejects.toThrow("ana stopped the run");
  expect(await host.list()).toMatchObject([{ name: "r1-0", state: "ready" }]);
  expect((await host.evidence("r1-0"))?.health).toHaveLength(1);
});

test("a drain is waited for no longer, and no traffic is shifted", async () => {
  const stop = new AbortController();
  const never = new Promise<never>(() => undefined);
  const inner = memoryRouter();
  const router = haltingRouter({ ...inner, read: () => inner.read(), drain: () => never }, stop.signal);
  const drained = router.drain([{ replica: "r1-0", host: "127.0.0.1", port: 1 }], 600_000);
  stop.abort(new Error("ana stopped the run"));
  await expect(drained).rejects.toThrow("ana stopped the run");
  await expect(router.write(await router.read())).rejects.toThrow("ana stopped the run");
  expect(inner.table.version).toBe(0);
});
