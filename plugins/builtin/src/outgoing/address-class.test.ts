import fc from "fast-check";
import { expect, test } from "vitest";
import { classOf, mayLeadTo, neverAsked } from "./address-class.ts";
import { addressGuard } from "./address-guard.ts";

/** Of each class what it is, and whether a URL of each origin may lead there. */
const table = [
  ["8.8.8.8", "public", true, true, true],
  ["2606:4700::1111", "public", true, true, true],
  ["10.0.0.1", "private", false, true, true],
  ["100.64.0.1", "private", false, true, true],
  ["172.31.255.255", "private", false, true, true],
  ["192.168.1.1", "private", false, true, true],
  ["198.19.249.2", "private", false, true, true],
  ["fd12:3456::1", "private", false, true, true],
  ["127.0.0.1", "loopback", false, true, true],
  ["127.255.255.254", "loopback", false, true, true],
  ["::1", "loopback", false, true, true],
  ["::ffff:127.0.0.1", "wrapped", false, true, true],
  ["::ffff:8.8.8.8", "wrapped", false, true, true],
  ["64:ff9b::808:808", "wrapped", false, true, true],
  ["2002:808:808::1", "wrapped", false, true, true],
  ["192.0.2.1", "reserved", false, false, true],
  ["240.0.0.1", "reserved", false, false, true],
  ["2001:db8::1", "reserved", false, false, true],
  ["169.254.169.254", "metadata", false, false, false],
  ["169.254.170.2", "metadata", false, false, false],
  ["168.63.129.16", "metadata", false, false, false],
  ["100.100.100.200", "metadata", false, false, false],
  ["192.0.0.192", "metadata", false, false, false],
  ["fd00:ec2::254", "metadata", false, false, false],
  ["fd20:ce::254", "metadata", false, false, false],
  ["::ffff:169.254.169.254", "metadata", false, false, false],
  ["::ffff:a9fe:a9fe", "metadata", false, false, false],
  ["::169.254.169.254", "metadata", false, false, false],
  ["64:ff9b::a9fe:a9fe", "metadata", false, false, false],
  ["64:ff9b:1::a9fe:a9fe", "metadata", false, false, false],
  ["2002:a9fe:a9fe::1", "metadata", false, false, false],
  ["169.254.1.1", "link-local", false, false, false],
  ["fe80::1", "link-local", false, false, false],
  ["fe80::1%eth0", "link-local", false, false, false],
  ["0.0.0.0", "unspecified", false, false, false],
  ["::", "unspecified", false, false, false],
  ["::ffff:0.0.0.0", "unspecified", false, false, false],
  ["224.0.0.1", "many", false, false, false],
  ["255.255.255.255", "many", false, false, false],
  ["ff02::1", "many", false, false, false],
] as const;

test.each(table)("%s is %s: outside %s, within %s, operator %s", (address, found, outside, within, operator) => {
  expect(classOf(address)).toBe(found);
  expect([mayLeadTo("outside", found), mayLeadTo("within", found), mayLeadTo("operator", found)]).toEqual([
    outside,
    within,
    operator,
  ]);
});

test("a range that is allowed opens what is private, and never where a cloud tells credentials", () => {
  const everything = addressGuard({ allowPrivate: ["0.0.0.0/0", "::/0"] });
  for (const [address, found] of table) expect(everything.refusal(address) !== null).toBe(neverAsked.has(found));
  expect(everything.refusal("169.254.169.254")?.hint).toBeUndefined();
  expect(addressGuard().refusal("10.0.0.1")?.hint).toContain("fairway up --allow-private 10.0.0.1");
});

test("an address that carries one where nobody is asked is there itself, however it is spelt", () => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.constantFrom("::ffff:", "64:ff9b::", "::"), (last, before) => {
      const inside = `169.254.${last >> 8}.${last & 255}`;
      expect(neverAsked.has(classOf(`${before}${inside}`) ?? "public")).toBe(true);
      expect(neverAsked.has(classOf(`${before}a9fe:${last.toString(16)}`) ?? "public")).toBe(true);
      expect(neverAsked.has(classOf(`2002:a9fe:${last.toString(16)}::`) ?? "public")).toBe(true);
    }),
    { numRuns: 200 },
  );
  for (const noAddress of ["", "localhost", "1.2.3", "::1::", "[::1]"]) expect(classOf(noAddress)).toBeNull();
});
