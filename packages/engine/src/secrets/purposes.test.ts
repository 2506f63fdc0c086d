import fc from "fast-check";
import { expect, test } from "vitest";
import { sealedPlaces } from "./reseal.ts";

/** Names as the configuration takes them; digests, ids and numbers are ours. */
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
const number = fc.integer({ min: 1, max: 99 }).map(String);
const parts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  environment: name,
  stack: name,
  release: number.map((one) => `r${one}`),
  digest: number.map((one) => `sha256:${one}`),
  run: number.map((one) => `run-${one}`),
  // A job's name may hold slashes and colons.
  job: fc.stringMatching(/^[a-z][a-z:/-]{0,8}$/),
  attempt: number,
  version: number,
};
/** Of secrets, whatever the store takes. */
const secret: typeof parts = { ...parts, environment: fc.string({ maxLength: 8 }), name: fc.string({ maxLength: 8 }) };

test.each(sealedPlaces)("two values of $table never have the same purpose, nor one of another place", (place) => {
  const columns = [...(place.more ?? place.key)];
  const row = fc.record(
    Object.fromEntries(
      columns.map((column) => [column, (place.table === "secret_versions" ? secret : parts)[column] ?? name]),
    ),
  );
  fc.assert(
    fc.property(row, row, (one, other) => {
      const [first, second] = [one, other].map((of) => place.purpose((column) => of[column] ?? ""));
      expect(first === second).toBe(columns.every((column) => one[column] === other[column]));
      const marks = sealedPlaces.filter(({ purpose }) => purpose(() => "").split("/")[0] === first?.split("/")[0]);
      expect(marks).toEqual([place]);
    }),
    { numRuns: 100 },
  );
});
