import { expect, test } from "vitest";
import { movedSecrets, plannedSecrets } from "./planned-secrets.ts";

test("every secret that is referred to is in a plan, by name, with the version of now and of before", () => {
  const now = { B: "v2", A: "shared v1", NEW: "v1" };
  const before = { A: "shared v1", B: "v1", GONE: "v9" };
  const secrets = plannedSecrets({ names: ["NEW", "B", "A", "MISSING", "constructor"], now, before });
  expect(secrets).toEqual([
    { name: "A", version: "shared v1", from: "shared v1" },
    { name: "B", version: "v2", from: "v1" },
    { name: "MISSING", version: null, from: null },
    { name: "NEW", version: "v1", from: null },
    { name: "constructor", version: null, from: null },
  ]);
  expect(movedSecrets(secrets).map(({ name }) => name)).toEqual(["B", "MISSING", "NEW", "constructor"]);
});
