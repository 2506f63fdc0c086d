import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Masker } from "./masker.ts";
import { secretForms } from "./secret-forms.ts";

const whole = (text: Buffer, needles: readonly string[]): string => {
  const hidden = new Uint8Array(text.length);
  // A seam between two matches that only touch is hidden with them, so mark bytes and read runs.
  for (const needle of needles.map((n) => Buffer.from(n))) {
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1))
      hidden.fill(1, at, at + needle.length);
  }
  const out: Buffer[] = [];
  for (let at = 0; at < text.length; at++) {
    if (hidden[at] === 0) out.push(text.subarray(at, at + 1));
    else if (at === 0 || hidden[at - 1] === 0) out.push(Buffer.from("***"));
  }
  return Buffer.concat(out).toString("latin1");
};

const inChunks = (text: Buffer, needles: readonly string[], cuts: readonly number[]): string => {
  const masker = new Masker(needles);
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length]) {
    out.push(masker.push(text.subarray(from, cut)));
    from = cut;
  }
  out.push(masker.end());
  return Buffer.concat(out).toString("latin1");
};

const fewLetters = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 6 });

describe("masker", () => {
  it("hides the same whatever the cuts, also when needles overlap, touch or contain each other", () => {
    fc.assert(
      fc.property(
        fc.array(fewLetters, { minLength: 1, maxLength: 5 }),
        fc.string({ unit: fc.constantFrom("a", "b", "c", "\n"), maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (needles, text, cuts) => {
          expect(inChunks(Buffer.from(text), needles, cuts)).toBe(whole(Buffer.from(text), needles));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("lets no spelling of a secret through at any cut", () => {
    const secret = fc.string({ unit: "grapheme", minLength: 6, maxLength: 40 }).filter((s) => s.trim().length >= 6);
    fc.assert(
      fc.property(secret, fc.array(fc.nat(), { maxLength: 6 }), fc.nat({ max: 2 }), (value, cuts, shift) => {
        const forms = secretForms([value]);
        const trimmed = value.trim();
        const text = Buffer.from(
          [
            trimmed,
            encodeURIComponent(trimmed),
            JSON.stringify(trimmed),
            `'${trimmed.replaceAll("'", `'\\''`)}'`,
            Buffer.from(trimmed).toString("base64url"),
            Buffer.concat([
              Buffer.from("\u0001\u0002".slice(0, shift)),
              Buffer.from(trimmed),
              Buffer.from("\n"),
            ]).toString("base64"),
          ].join(" | "),
        );
        const shown = inChunks(text, forms, cuts);
        expect(shown).toBe(whole(text, forms));
        for (const form of forms)
          expect(shown.replaceAll("***", "")).not.toContain(Buffer.from(form).toString("latin1"));
      }),
      { numRuns: 100 },
    );
  });

  it("passes everything on when there is nothing to hide", () => {
    expect(inChunks(Buffer.from("hello"), [], [1, 3])).toBe("hello");
  });
});

describe("the spellings of a secret", () => {
  const shown = (secret: string, text: string): string => inChunks(Buffer.from(text), secretForms([secret]), []);

  it("leaves values below four characters alone", () => {
    expect(shown("abc", "abc")).toBe("abc");
  });

  it("hides each line of a private key, and its lines when base64 wraps them", () => {
    const key = [
      "-----BEGIN KEY-----",
      "MIIEpAIBAAKCAQEA7bq".repeat(3),
      "k/9x+Zz".repeat(8),
      "-----END KEY-----",
      "",
    ].join("\n");
    expect(shown(key, key.split("\n")[2] ?? "")).toBe("***");
    const wrapped = Buffer.from(key.trim()).toString("base64").replace(/.{76}/g, "$&\n");
    expect(shown(key, wrapped).replaceAll("***", "").trim().length).toBeLessThan(8);
  });

  it("hides what `echo $SECRET | base64` prints, for every length", () => {
    for (const secret of ["hunter22", "hunter222", "hunter2222"]) {
      expect(
        shown(secret, Buffer.from(`${secret}\n`).toString("base64")).replace("***", "").length,
      ).toBeLessThanOrEqual(4);
    }
  });

  it("hides JSON with escaped letters, JSON within JSON, and query strings", () => {
    expect(shown('p"ä/ss', String.raw`p\"\u00e4/ss`)).toBe("***");
    expect(shown('p"ass"', JSON.stringify(JSON.stringify('p"ass"')))).toBe('"\\"***\\""');
    expect(shown("a b&c'd", "q=a+b%26c%27d")).toBe("q=***");
    expect(shown("a b&c", "q=a%20b%26c")).toBe("q=***");
  });

  it("builds the automaton of a private key in little time and memory", () => {
    const key = Array.from({ length: 52 }, (_, at) =>
      Buffer.from(`${at}`.repeat(48)).toString("base64").slice(0, 64),
    ).join("\n");
    const begin = process.cpuUsage().user;
    new Masker(secretForms([key]));
    expect((process.cpuUsage().user - begin) / 1000).toBeLessThan(3_000);
  });
});
