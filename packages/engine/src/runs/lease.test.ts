import { expect, test } from "vitest";
import type { SeenWorker } from "../store/workers.ts";
import { isGone, Lease, Observer, thisWorker } from "./lease.ts";

const times = { heartbeat: 3_000, lease: 10_000 };
const seen = (beat: number): SeenWorker => ({ id: "other", host: "h", pid: 1, processStarted: "1", beat });

/** The moments at which an observer that looks twice a second holds a worker for dead. */
function deaths(beatAt: (now: number) => number, until: number): readonly number[] {
  const observer = new Observer(times);
  const found: number[] = [];
  for (let now = 100_000; now <= 100_000 + until; now += 500)
    if (observer.dead([seen(beatAt(now - 100_000))], now).length > 0) found.push(now - 100_000);
  return found;
}

test("a worker whose heartbeat stands still is held for dead once its lease is over, and not before", () => {
  expect(deaths((now) => Math.floor(now / 3_000), 60_000)).toEqual([]);
  expect(deaths((now) => Math.floor(Math.min(now, 20_000) / 3_000), 60_000)[0]).toBe(28_500);
});

test("an observer that slept itself accuses nobody of silence", () => {
  const observer = new Observer(times);
  observer.dead([seen(1)], 1_000);
  expect(observer.dead([seen(1)], 60_000)).toEqual([]);
  for (let now = 60_500; now < 70_000; now += 500) expect(observer.dead([seen(1)], now)).toEqual([]);
  expect(observer.dead([seen(1)], 70_500)).toHaveLength(1);
});

test("a step waits while the lease has run out, and begins with the next heartbeat that is taken", async () => {
  const lease = new Lease(10_000);
  lease.renewed(performance.now() - 20_000);
  let begun = false;
  const beginning = lease.mayBegin().then(() => (begun = true));
  await Promise.resolve();
  expect(begun).toBe(false);
  lease.renewed(performance.now());
  await beginning;
  expect(begun).toBe(true);
});

test("after the lease is lost no step begins, whatever comes", async () => {
  const lease = new Lease(10_000);
  lease.renewed(performance.now());
  lease.lose();
  let begun = false;
  void lease.mayBegin().then(() => (begun = true));
  lease.renewed(performance.now());
  await new Promise((resolve) => setImmediate(resolve));
  expect([begun, lease.lost]).toEqual([false, true]);
});

test("a process of this machine that is there is not gone; one that ended, or whose pid is another's now, is", () => {
  const me = thisWorker();
  expect(isGone(me)).toBe(false);
  expect(isGone({ ...me, pid: 2 ** 22 + 1 })).toBe(true);
  expect(isGone({ ...me, processStarted: "1" })).toBe(true);
  expect(isGone({ ...me, host: "elsewhere", pid: 2 ** 22 + 1 })).toBe(false);
});
