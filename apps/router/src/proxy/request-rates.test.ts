import { assert, array, constantFrom, double, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { group, route, table } from "../testing/plane.ts";
import { clientOf, RequestRates } from "./request-rates.ts";

describe("a request rate", () => {
  it("lets a burst through, then one request each time a token is full", () => {
    const rates = new RequestRates();
    const rate = { perSecond: 2, burst: 3 };
    const take = (now: number): number => rates.take("web", rate, "192.0.2.1", now);
    expect([take(0), take(0), take(0), take(0)]).toEqual([0, 0, 0, 500]);
    expect([take(499), take(500), take(500)]).toEqual([1, 0, 500]);
    expect([take(10_000), take(10_000), take(10_000), take(10_000)]).toEqual([0, 0, 0, 500]);
    expect(rates.take("web", rate, "192.0.2.2", 10_000)).toBe(0);
    expect(rates.take("api", rate, "192.0.2.1", 10_000)).toBe(0);
  });

  it("never lets through more than the burst and what has flowed in, and always somebody who waited as told", () => {
    const requests = array(record({ gap: integer({ min: 0, max: 400 }), from: constantFrom("a", "b") }), {
      maxLength: 200,
    });
    const rate = record({
      perSecond: double({ min: 0.1, max: 100, noNaN: true }),
      burst: integer({ min: 1, max: 20 }),
    });
    assert(
      property(requests, rate, (asked, { perSecond, burst }) => {
        const rates = new RequestRates();
        const taken = { a: 0, b: 0 };
        let now = 0;
        for (const { gap, from } of asked) {
          now += gap;
          const wait = rates.take("web", { perSecond, burst }, from, now);
          if (wait === 0) taken[from as "a"]++;
          expect(taken[from as "a"]).toBeLessThanOrEqual(burst + (now * perSecond) / 1000 + 1e-6);
          expect(wait).toBeLessThanOrEqual(Math.ceil(1000 / perSecond));
        }
        const wait = rates.take("web", { perSecond, burst }, "a", now);
        expect(wait === 0 ? 0 : rates.take("web", { perSecond, burst }, "a", now + wait)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("that several workers hold lets through no more than the burst of each at once, and in the long run what one would", () => {
    const steps = array(record({ gap: integer({ min: 0, max: 400 }), worker: integer({ min: 0, max: 2 }) }), {
      maxLength: 200,
    });
    const perSecond = 5;
    const burst = 4;
    const limited = table({ web: route([group("r1", [1])], { limits: { requestRate: { perSecond, burst } } }) });
    assert(
      property(steps, (asked) => {
        const workers = [new RequestRates(), new RequestRates(), new RequestRates()];
        for (const worker of workers) worker.keepOnly(limited);
        let [now, taken] = [0, 0];
        for (const { gap, worker } of asked) {
          now += gap;
          const rates = workers.at(worker) ?? new RequestRates();
          if (rates.take("web", { perSecond, burst }, "a", now) === 0) taken++;
          expect(taken).toBeLessThanOrEqual(burst + (now * perSecond) / 1000 + 1e-6);
          const note = rates.takeNote();
          for (const other of workers) if (other !== rates) other.takenElsewhere(note, now);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is paid back when the others hear of it late", () => {
    const rate = { perSecond: 1, burst: 2 };
    const limited = table({ web: route([group("r1", [1])], { limits: { requestRate: rate } }) });
    const [one, other] = [new RequestRates(), new RequestRates()];
    for (const rates of [one, other]) {
      rates.keepOnly(limited);
      expect([0, 0, 1000]).toEqual([1, 2, 3].map(() => rates.take("web", rate, "a", 0)));
    }
    other.takenElsewhere(one.takeNote(), 0);
    expect(other.take("web", rate, "a", 0)).toBe(3000);
    expect(one.takeNote()).toEqual([]);
    // Of a route that it does not know, or a client that another forgot, nothing is kept.
    other.takenElsewhere([["gone 192.0.2.1", 5]], 0);
    expect(other.take("gone", rate, "192.0.2.1", 0)).toBe(0);
  });

  it("remembers a bounded number of clients, those of routes that have a rate", () => {
    const rates = new RequestRates();
    const rate = { perSecond: 0.001, burst: 1 };
    expect(rates.take("web", rate, "first", 0)).toBe(0);
    for (let i = 0; i < 50_001; i++) rates.take("web", rate, `client-${i}`, 0);
    expect(rates.take("web", rate, "first", 0)).toBe(0);
    expect(rates.take("web", rate, "client-50000", 0)).toBeGreaterThan(0);
    rates.keepOnly(table({ web: route([group("r1", [1])]) }));
    expect(rates.take("web", rate, "client-50000", 0)).toBe(0);
  });

  it("counts an IPv6 network of 64 bits as one client", () => {
    expect(clientOf("192.0.2.1")).toBe("192.0.2.1");
    expect(clientOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(clientOf("2001:db8:1:2::9")).toBe("2001:db8:1:2::/64");
    expect(clientOf("2001:db8::9")).toBe("2001:db8:0:0::/64");
    expect(clientOf("::1")).toBe("0:0:0:0::/64");
    expect(clientOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  });
});
