import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { webAddress } from "./web-address.ts";

/** As browsers read it: with spaces and control characters before it, with tabs and ends of lines within, in any case. */
const spelt = fc
  .tuple(
    fc.constantFrom(
      "javascript:",
      "data:text/html,",
      "vbscript:",
      "file:///",
      "blob:",
      "ftp://",
      "view-source:http://",
      "//",
    ),
    fc.constantFrom("", " ", "\u0001", "\n", "\t", "\u0000"),
    fc.array(fc.constantFrom("\t", "\n", "\r", ""), { minLength: 20, maxLength: 20 }),
    fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    fc.string(),
  )
  .map(([scheme, before, between, upper, rest]) =>
    [
      before,
      ...Array.from(scheme).map(
        (letter, at) => `${upper[at] === true ? letter.toUpperCase() : letter}${between[at] ?? ""}`,
      ),
      rest,
    ].join(""),
  );

test("only http and https become links, however another scheme is spelt", () => {
  fc.assert(
    fc.property(spelt, (written) => webAddress(written) === undefined),
    { numRuns: 100 },
  );
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true }),
      (written) => webAddress(written)?.startsWith("http") === true,
    ),
    { numRuns: 200 },
  );
  expect([null, undefined, "", "www.example.com", "https://"].map(webAddress)).toEqual([...Array(5)]);
});

test("every link that leads out goes through it", () => {
  const root = join(import.meta.dirname, "..");
  const pages = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tsx"));
  const links = pages.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/<a\s[^>]*?href=\{(?<address>[^}]*)\}[^>]*>/gu)].map(
      ({ 0: tag, groups }) => ({ file, tag, address: groups?.["address"] ?? "" }),
    ),
  );
  const out = links.filter(({ tag }) => tag.includes("_blank"));
  expect(out.length).toBeGreaterThan(3);
  expect(out.filter(({ address, tag }) => !address.startsWith("webAddress(") || !tag.includes("noopener"))).toEqual([]);
});
