import fc from "fast-check";
import { expect, test } from "vitest";
import { addressGuard } from "./address-guard.ts";
import { privatePlaces } from "./private-places.ts";

test("a host that the operator named is private wherever it is, and no other is", () => {
  const isPrivatePlace = privatePlaces({ allowPrivate: ["Git.Example.com", "10.1.0.0/16"] });
  expect(isPrivatePlace("git.example.com.", "192.168.7.1")).toBe("yes");
  expect(isPrivatePlace("evil.git.example.com", "192.168.7.1")).toBe("not allowed");
  expect(isPrivatePlace("example.com", "10.1.255.255")).toBe("yes");
  const named = addressGuard({ allowPrivate: ["git.example.com"] });
  expect(named.refusal("169.254.169.254", "git.example.com")).not.toBeNull();
});

test("what the configuration says opens nothing, and keeps from what the operator lets in elsewhere", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(privatePlaces({ expected: ["0.0.0.0/0", "::/0"] })("a.example", address)).toBe("not allowed");
    }),
    { numRuns: 200 },
  );
  const both = privatePlaces({ allowPrivate: ["10.0.0.0/8"], expected: ["10.1.0.0/16", "192.168.0.0/16"] });
  expect(both("a.example", "10.1.2.3")).toBe("yes");
  expect(both("a.example", "10.2.2.3")).toBe("not expected");
  expect(both("a.example", "192.168.1.1")).toBe("not allowed");
});
