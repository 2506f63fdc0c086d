import fc from "fast-check";
import { expect, test } from "vitest";
import type { Service } from "../project/project.ts";
import { orderBack } from "./way-back.ts";

const names = ["a", "b", "c", "d", "e", "f"];

/** Services in dependency order: each may need those before it. */
const services: fc.Arbitrary<readonly Service[]> = fc
  .tuple(fc.subarray(names), fc.array(fc.array(fc.nat(5), { maxLength: 3 }), { minLength: 6, maxLength: 6 }))
  .map(([chosen, needs]) =>
    chosen.map((name, place) => ({
      name,
      dependsOn: [
        ...new Set((needs[place] ?? []).filter((other) => other < place).map((other) => chosen[other] ?? "")),
      ],
    })),
  )
  .map((found) => found as unknown as readonly Service[]);

const needs = (all: readonly Service[], one: string): ReadonlySet<string> => {
  const direct = all.find(({ name }) => name === one)?.dependsOn ?? [];
  return new Set(direct.flatMap((name) => [name, ...needs(all, name)]));
};

test("whoever calls another goes back before it, by the dependencies of what runs", () => {
  const [api, web] = [
    { name: "api", dependsOn: [] },
    { name: "web", dependsOn: ["api"] },
  ] as unknown as readonly [Service, Service];
  expect(orderBack({ to: [api, web], from: [api, web] }, ["api", "web"])).toEqual([
    { service: "web", after: [] },
    { service: "api", after: ["web"] },
  ]);
});

test("the order holds for every pair of releases: callers first, what is missing before all that needs it, no circle", () => {
  fc.assert(
    fc.property(services, services, (to, from) => {
      const moving = to.map(({ name }) => name);
      const steps = orderBack({ to, from }, moving);
      expect(steps.map(({ service }) => service).toSorted()).toEqual(moving.toSorted());
      const done = new Set<string>();
      for (const { service, after } of steps) {
        // Each comes after what is listed before it, so that there is no circle.
        for (const before of after) expect(done).toContain(before);
        const runs = from.some(({ name }) => name === service);
        for (const other of moving) {
          const otherRuns = from.some(({ name }) => name === other);
          const calls = runs && otherRuns && needs(from, other).has(service);
          const missing = !otherRuns && needs(to, service).has(other);
          expect(after.includes(other) || !(calls || missing)).toBe(true);
        }
        done.add(service);
      }
    }),
  );
});
