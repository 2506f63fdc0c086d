import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { codeOf } from "@fairway/core";
import { assertLabel, labelOfRef } from "./preview-label.ts";

/** Branches that git takes, titles, and what others would make of them. */
const hostile = [
  "a;touch${IFS}pwned",
  "$(id)",
  "`id`",
  "x|sh",
  "a&&b",
  "'single'and\"double\"",
  "<script>alert(1)</script>",
  "rtl-\u202egnp.exe",
  "emoji-🚀-ünïcode",
  "%s%n%d",
  "../../etc/passwd",
  "main\ntouch pwned",
  "pr-12",
  "refs/heads/inside",
];

test("whatever a ref is called, its preview has a label that DNS takes and that is no pull request's", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom(...hostile)), (ref) => {
      const label = labelOfRef(ref);
      expect(label).toMatch(/^[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/u);
      expect(label).not.toMatch(/^pr-\d+$|--/u);
      assertLabel(label);
    }),
    { numRuns: 60 },
  );
});

test("two refs never have the same one", () => {
  const ref = fc.oneof(fc.constantFrom(...hostile), fc.stringMatching(/^[a-zA-Z0-9/_-]{1,24}$/u));
  fc.assert(
    fc.property(ref, ref, (one, other) => {
      fc.pre(one !== other);
      expect(labelOfRef(one)).not.toBe(labelOfRef(other));
    }),
    { numRuns: 60 },
  );
  // Not even one that is called like what another's would be.
  expect(labelOfRef(labelOfRef("Feature/One"))).not.toBe(
    `feature-o-${createHash("sha256").update("Feature/One").digest("hex").slice(0, 6)}x`,
  );
});

test.each(["pr-12", "Demo", "a--b", "-a", "a-", "", "very-long-name-of-it", "1a", "a.b", "a\n"])(
  "%j is refused",
  (name) => {
    let thrown: unknown;
    try {
      assertLabel(name);
    } catch (caught) {
      thrown = caught;
    }
    expect(codeOf(thrown)).toBe("bad_request");
  },
);
