import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type OutputLimits, ShownOutput } from "./shown-output.ts";

function shown(chunks: readonly Uint8Array[], secrets: readonly string[] = [], limits?: OutputLimits): Buffer {
  const output = new ShownOutput(secrets, limits);
  return Buffer.concat([...chunks.map((chunk) => output.push(chunk)), output.end()]);
}

const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

it("is valid UTF-8 and the same whatever the cuts, also of invalid bytes, long lines and too much output", () => {
  const piece = fc.oneof(
    fc.constantFrom(Buffer.from("secret"), Buffer.from("\n"), Buffer.from("€"), Buffer.from("🙂"), Buffer.from([0xff])),
    fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
  );
  const output = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.concat(pieces));
  fc.assert(
    fc.property(output, fc.array(fc.nat(), { maxLength: 6 }), fc.nat({ max: 60 }), (bytes, cuts, limit) => {
      const limits = { bytesPerLine: 20, bytes: limit };
      const whole = shown([bytes], ["secret"], limits);
      expect(isUtf8(whole)).toBe(true);
      expect(whole.includes("secret")).toBe(false);
      expect(shown(cut(bytes, cuts), ["secret"], limits)).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

it("cuts long lines and says so, never within a character", () => {
  const limits = { bytesPerLine: 8, bytes: 1_000 };
  expect(shown([Buffer.from("12345678\n1234567€9\nshort")], [], limits).toString()).toBe(
    "12345678\n1234567€ … [line cut]\nshort",
  );
});

it("does not let a line limit show half of a secret", () => {
  expect(shown([Buffer.from("1234 hunter22 x\n")], ["hunter22"], { bytesPerLine: 8, bytes: 1_000 }).toString()).toBe(
    "1234 *** … [line cut]\n",
  );
});

it("keeps the first bytes of too much output, says so, and does not show half of a secret at the end", () => {
  const text = shown([Buffer.from("12 hunter22")], ["hunter22"], { bytesPerLine: 100, bytes: 8 }).toString();
  expect(text).toMatch(/^12 \n\[log cut: /);
});

it("keeps control characters", () => {
  expect(shown([Buffer.from("a\0b\u001b[31m")]).toString()).toBe("a\0b\u001b[31m");
});
