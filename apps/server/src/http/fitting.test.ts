import fc from "fast-check";
import { expect, test } from "vitest";
import { fitting } from "./fitting.ts";

test("page by page everything is read, in its order, and no page is longer than its most but for a single thing that is", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 1, max: 60 }), (things, most) => {
      const read: string[] = [];
      while (read.length < things.length) {
        const page = fitting(things.slice(read.length), most);
        const length = page.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
        expect([page.length > 0, page.length === 1 || length <= most]).toEqual([true, true]);
        read.push(...page);
      }
      expect(read).toEqual(things);
    }),
    { numRuns: 300 },
  );
});
