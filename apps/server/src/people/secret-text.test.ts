import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeAsMeant, digestOfSecret, hintOfSecret, kindOfSecret, newCode, newSecret } from "./secret-text.ts";

const kinds = ["pat", "svc", "cli", "web", "claim"] as const;

test("a secret says what it is, and no two are the same", () => {
  for (const kind of kinds) expect(kindOfSecret(newSecret(kind))).toBe(kind);
  expect(new Set(Array.from({ length: 200 }, () => newSecret("pat"))).size).toBe(200);
});

test("any one character changed, left out or added makes it nothing", () => {
  const secret = newSecret("pat");
  fc.assert(
    fc.property(fc.nat(secret.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (place, put) => {
      const spoilt = secret.slice(0, place) + put + secret.slice(place + 1);
      expect(kindOfSecret(spoilt)).toBe(spoilt === secret ? "pat" : null);
    }),
  );
});

test("nothing else in the world is one", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => kindOfSecret(text) === null));
  for (const kind of kinds) {
    const secret = newSecret(kind);
    for (const other of [` ${secret}`, `${secret}\n`, secret.toUpperCase(), secret.replace(kind, "adm"), `${secret}0`])
      expect(kindOfSecret(other)).toBeNull();
  }
});

describe("what is kept or shown", () => {
  test("does not hold the secret", () => {
    const secret = newSecret("svc");
    expect(digestOfSecret(secret)).toMatch(/^[0-9a-f]{64}$/);
    expect(hintOfSecret(secret)).toMatch(/^fw_svc_.{4}…$/);
  });

  test("a code is understood however it is typed", () => {
    const code = newCode(3);
    expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(codeAsMeant(` ${code.toLowerCase().replaceAll("-", " ")} `)).toBe(code.replaceAll("-", ""));
  });
});
