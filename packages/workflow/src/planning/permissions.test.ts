import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccessLevel } from "../model/workflow.ts";
import { defaultPermissions, effectivePermissions, permissionExcess, permissionKinds } from "./permissions.ts";

const place = { line: 1, column: 1 };
const level = fc.constantFrom<AccessLevel>("none", "read", "write");
const levels = fc.dictionary(fc.constantFrom(...permissionKinds.slice(0, 13)), level);

test("as soon as one kind is written, the others are none; a short form means all", () => {
  expect(effectivePermissions({ place, levels: { contents: "read" } })).toEqual({ contents: "read" });
  expect(effectivePermissions({ place, all: "read", levels: {} })).toMatchObject({
    actions: "read",
    "id-token": "read",
  });
});

test("a token that says who the job is must be asked for, whatever the default", () => {
  expect(defaultPermissions("write")["id-token"]).toBe("none");
  expect(defaultPermissions("limited-read")["id-token"]).toBeUndefined();
});

test("nobody asks for too much when asking for what is allowed, and one kind more is told by its name", () => {
  fc.assert(
    fc.property(levels, (allowed) => {
      const more = { ...allowed, contents: "write" } as const;
      const told = permissionExcess(more, { ...allowed, contents: "read" });
      return (
        permissionExcess(allowed, allowed) === undefined &&
        told === "is requesting 'contents: write', but is only allowed 'contents: read'."
      );
    }),
  );
});
