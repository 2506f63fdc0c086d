import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openPasswords } from "./passwords.ts";

const passwords = openPasswords();

test("a password is kept as argon2id with OWASP's cost, and matches only itself", async () => {
  const kept = await passwords.hashOf("correct horse battery");
  expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.matches("correct horse battery", kept)).toBe(true);
  expect(await passwords.matches("correct horse batterz", kept)).toBe(false);
});

test("nobody's password matches nothing, and is compared at the same cost", async () => {
  expect(await passwords.matches("nobody has this password", null)).toBe(false);
  const source = readFileSync(new URL("./passwords.ts", import.meta.url), "utf8");
  const [, compared = ""] = /const nobodys = "([^"]+)"/.exec(source) ?? [];
  const costs = (hash: string): readonly string[] => hash.split("$").slice(0, 4);
  expect(costs(compared)).toEqual(costs(await passwords.hashOf("correct horse battery")));
});

test("the same letters match however a keyboard composes them", async () => {
  const kept = await passwords.hashOf("zw\u00f6lf gute Gr\u00fcnde");
  expect(await passwords.matches("zwo\u0308lf gute Gru\u0308nde", kept)).toBe(true);
});

test.each([
  ["elevenchars", "at least 12"],
  ["x".repeat(257), "at most 256"],
  ["aaaaaaaaaaaaaaaaaaaa", "again and again"],
])("%s is refused", async (password, why) => {
  await expect(passwords.hashOf(password)).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining(why) as string,
  });
});

test("of many at once each has its turn", async () => {
  const kept = await passwords.hashOf("correct horse battery");
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => passwords.matches(index % 2 === 0 ? "correct horse battery" : "no", kept)),
  );
  expect(answers).toEqual([true, false, true, false, true, false]);
});
