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

const fewLetters = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2, maxLength: 6 });

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

  it("hides it in XML, in both halves of PowerShell's errors, and without its quotes", () => {
    expect(shown("a<b>&'c\"d", "a&lt;b&gt;&amp;&apos;c&quot;d a&lt;b&gt;&amp;'c\"d")).toBe("*** ***");
    expect(shown("first-part&second-part", "first-part& | second-part")).toBe("*** | ***");
    expect(shown("first-part&+second-part", "first-part&+ | econd-part")).toBe("*** | ***");
    expect(shown("it's hunter", "it''s hunter")).toBe("***");
    expect(shown('"quoted value"', "quoted value")).toBe("***");
  });
});

it("shows the same of any output whatever the 100,000 cuts, and no spelling of a secret survives", () => {
  const secrets = ["hunter2$'&<x>", "s3cr3t/with+signs==", "first line of key\nsecond line of key", 'p"ss\\w&rd-long'];
  const forms = secretForms(secrets);
  const needles = forms.map((form) => Buffer.from(form).toString("latin1"));
  const random = mulberry(20_261_122);
  const whole = (text: Buffer): string => inChunks(text, forms, []);
  const different: string[] = [];
  let cuts = 0;
  while (cuts < 100_000) {
    const pieces = Array.from({ length: 12 }, () => {
      const form = forms[random(forms.length)] ?? "";
      // Whole spellings, their halves, and noise of the same letters.
      return [form, form.slice(0, random(form.length)), form.slice(random(form.length)), "\n", " ok ", form + form][
        random(6)
      ];
    });
    const text = Buffer.from(pieces.join(""));
    const expected = whole(text);
    for (const needle of needles) expect(expected.includes(needle)).toBe(false);
    for (let round = 0; round < 20; round++) {
      const places = Array.from({ length: 1 + random(20) }, () => random(text.length + 1));
      cuts += places.length;
      if (inChunks(text, forms, places) !== expected) different.push(JSON.stringify({ pieces, places }));
    }
  }
  expect(different).toEqual([]);
});

it("looks for what is added from then on, also in what it holds back", () => {
  const masker = new Masker(["hunter22"]);
  const before = masker.push(Buffer.from("swordfish hunter"));
  masker.add(["fish", "unter33"]);
  const after = Buffer.concat([masker.push(Buffer.from("33 swordfish hunter22")), masker.end()]);
  expect(before.toString()).toBe("swordfish ");
  expect(after.toString()).toBe("h*** sword*** ***");
});

/** Random whole numbers below a bound, the same ones in every run. */
function mulberry(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * Math.max(1, below));
  };
}
