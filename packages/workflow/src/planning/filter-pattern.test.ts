import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitsPattern } from "./filter-pattern.ts";
import { letsThrough } from "./ref-filter.ts";

const place = { line: 1, column: 1 };

describe("patterns fit what GitHub's cheat sheet says", () => {
  test.each([
    ["feature/*", "feature/my-branch", true],
    ["feature/*", "feature/beta-a/my-branch", false],
    ["feature/**", "feature/beta-a/my-branch", true],
    ["releases/mona-the-cat", "releases/mona-the-cat", true],
    ["*", "main", true],
    ["*", "releases/10", false],
    ["**", "any/branch/name", true],
    ["*feature", "mona-feature", true],
    ["*feature", "ver-10-feature", true],
    ["v2*", "v2.9", true],
    ["v[12].[0-9]+.[0-9]+", "v1.10.1", true],
    ["v[12].[0-9]+.[0-9]+", "v3.0.0", false],
    ["*.jsx?", "page.js", true],
    ["*.jsx?", "page.jsx", true],
    ["*.jsx?", "dir/page.js", false],
    ["**.js", "src/js/app.js", true],
    ["docs/*", "docs/README.md", true],
    ["docs/*", "docs/mona/hello.md", false],
    ["docs/**/*.md", "docs/README.md", true],
    ["docs/**/*.md", "docs/a/markdown/file.md", true],
    ["**/docs/**", "docs/hello.md", true],
    ["**/docs/**", "dir/docs/my-file.txt", true],
    ["**/README.md", "README.md", true],
    ["**/README.md", "js/README.md", true],
    ["**/*src/**", "a/src/app.js", true],
    ["**/*src/**", "my-src/code/js/app.js", true],
    ["**/*-post.md", "path/their-post.md", true],
    ["**/migrate-*.sql", "db/sept/migrate-v1.sql", true],
    ["\\*x", "*x", true],
    ["\\*x", "ax", false],
    ["a+", "", false],
    ["[a-c]?", "", true],
    ["[", "[", true],
  ])("%s and %s: %s", (pattern, text, fits) => {
    expect(fitsPattern(pattern, text)).toBe(fits);
  });

  test("a pattern without signs fits itself and nothing else", () => {
    const plain = fc.stringMatching(/^[a-z0-9/._-]{0,12}$/u);
    fc.assert(fc.property(plain, plain, (pattern, text) => fitsPattern(pattern, text) === (pattern === text)));
  });

  test("stars, signs and sets mean what the same regular expression means", () => {
    const pieces = [
      ["a", "a"],
      ["b+", "b+"],
      ["/", "/"],
      ["c?", "c?"],
      ["*", "[^/]*"],
      ["**", ".*"],
      ["[a-b]", "[a-b]"],
    ] as const;
    const written = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).filter((parts) => {
      // Stars next to each other, or before a slash, are more than the sum of their pieces.
      const isStar = (index: number): boolean => parts[index]?.[0].startsWith("*") ?? false;
      return parts.every((_, index) => !isStar(index) || (!isStar(index + 1) && parts[index + 1]?.[0] !== "/"));
    });
    fc.assert(
      fc.property(written, fc.stringMatching(/^[abc/]{0,8}$/u), (parts, text) => {
        const regex = new RegExp(`^${parts.map(([, piece]) => piece).join("")}$`, "u");
        return fitsPattern(parts.map(([piece]) => piece).join(""), text) === regex.test(text);
      }),
    );
  });

  test("a pattern made to take for ever does not", () => {
    expect(fitsPattern("a+*".repeat(500), "a".repeat(5_000))).toBe(true);
    expect(fitsPattern(`${"**a".repeat(200)}b`, "a".repeat(2_000))).toBe(false);
  });
});

describe("a filter", () => {
  const filter = (...patterns: readonly string[]) => ({ place, ignore: false, patterns });

  test("takes the last pattern that has something to say", () => {
    const releases = filter("releases/**", "!releases/**-alpha");
    expect(letsThrough(releases, "releases/10")).toBe(true);
    expect(letsThrough(releases, "releases/10-alpha")).toBe(false);
    expect(letsThrough(filter("!releases/**-alpha", "releases/**"), "releases/10-alpha")).toBe(true);
    expect(letsThrough(filter("a*", "!ab*", "abc"), "abc")).toBe(true);
  });

  test("that ignores lets through exactly what the same patterns do not fit", () => {
    const name = fc.stringMatching(/^[ab/]{0,5}$/u);
    const pattern = fc.stringMatching(/^[ab/*]{1,4}$/u);
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), name, (patterns, ref) => {
        const fits = patterns.some((one) => fitsPattern(one, ref));
        return letsThrough({ ignore: true, patterns }, ref) === !fits;
      }),
    );
  });
});
