import type { ReleaseId, ResourceChange, RollbackSlot } from "@fairway/core";
import { expect, test } from "vitest";
import { infrastructureVerdict } from "./infrastructure-verdict.ts";

const slot: RollbackSlot = { kind: "infrastructure", name: "infrastructure", from: "sha256:2", to: "sha256:1" };
const release = "r1" as ReleaseId;

const applied = (
  ...changes: readonly (readonly [string, ResourceChange["action"]])[]
): Parameters<typeof infrastructureVerdict>[0]["plans"][number] =>
  ({
    stack: "net",
    plan: {
      changes: changes.map(([address, action]) => ({
        address,
        action,
        type: "x",
        from: null,
        reason: null,
        fields: [],
      })),
    },
  }) as unknown as Parameters<typeof infrastructureVerdict>[0]["plans"][number];

test("nothing is said of infrastructure that was not changed, nor of anything else", () => {
  expect(infrastructureVerdict({ release, plans: [] }, slot)).toBeNull();
  expect(infrastructureVerdict({ release, plans: [applied(["a", "create"])] }, { ...slot, kind: "flags" })).toBeNull();
});

test("what was made since would go, and what was changed is changed back", () => {
  const said = infrastructureVerdict({ release, plans: [applied(["a", "create"], ["b", "update"])] }, slot);
  expect(said?.way).toBe("compensate");
  expect(said?.note).toBe(
    "the code of r1 is planned against the state as it is, once the services are back; net: a was made since and would be taken away, which is asked about; net: b would be changed back",
  );
});

test("what was taken away comes back without what it held, and is named as what cannot be undone", () => {
  const said = infrastructureVerdict(
    {
      release,
      plans: [applied(["db", "destroy"], ["cache", "replace"], ["new", "create"]), applied(["new", "destroy"])],
    },
    slot,
  );
  expect(said?.way).toBe("irreversible");
  expect(said?.note).toContain("net: db, net: cache were taken away since and are made anew without what they held");
  expect(said?.note).not.toContain("net: new");
});
