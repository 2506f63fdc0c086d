import fc from "fast-check";
import { expect, test } from "vitest";
import type { Dependent } from "./dependency-order.ts";
import { dependencyOrder } from "./dependency-order.ts";

const things: fc.Arbitrary<Dependent[]> = fc
  .array(fc.array(fc.nat(9), { maxLength: 3 }), { maxLength: 10 })
  .map((all) => all.map((needs, index) => ({ name: `t${index}`, dependsOn: needs.map((needed) => `t${needed}`) })));

test("where it is possible each comes after what it depends on, and none is lost", () => {
  fc.assert(
    fc.property(things, (given) => {
      const ordering = dependencyOrder(given);
      fc.pre(ordering.possible);
      expect(new Set(ordering.order)).toEqual(new Set(given));
      expect(ordering.order).toHaveLength(given.length);
      const at = (name: string): number => ordering.order.findIndex((thing) => thing.name === name);
      for (const thing of given) for (const name of thing.dependsOn) expect(at(name)).toBeLessThan(at(thing.name));
    }),
  );
});

test("where it is not there is a real circle", () => {
  fc.assert(
    fc.property(things, (given) => {
      const ordering = dependencyOrder(given);
      fc.pre(!ordering.possible);
      const { circle } = ordering;
      expect(circle.length).toBeGreaterThan(1);
      expect(circle[0]).toBe(circle.at(-1));
      for (const [index, name] of circle.slice(0, -1).entries())
        expect(given.find((thing) => thing.name === name)?.dependsOn).toContain(circle[index + 1]);
    }),
  );
});

test("equals keep the order they came in", () => {
  const given = ["web", "api", "worker"].map((name) => ({ name, dependsOn: [] }));
  expect(dependencyOrder(given)).toEqual({ possible: true, order: given });
});

test("names that nothing has are ignored", () => {
  expect(dependencyOrder([{ name: "web", dependsOn: ["nothing"] }])).toMatchObject({ possible: true });
});
