import { assert, array, constantFrom, nat, property, string, tuple } from "fast-check";
import { expect, test } from "vitest";
import type { OutputPiece } from "./output-frames.ts";
import { outputFrames, outputOf } from "./output-frames.ts";

const frame = (stream: "stdout" | "stderr", text: string): Buffer => {
  const bytes = Buffer.from(text);
  const header = Buffer.from([stream === "stdout" ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

test("output comes out of its frames whole and in order, wherever the stream is cut", () => {
  const frames = array(tuple(constantFrom("stdout" as const, "stderr" as const), string()), { maxLength: 8 });
  assert(
    property(frames, array(nat(40), { maxLength: 30 }), (said, cuts) => {
      const all = Buffer.concat(said.map(([stream, text]) => frame(stream, text)));
      const { take } = outputFrames();
      const taken: OutputPiece[] = [];
      let rest = all;
      for (const cut of cuts) {
        taken.push(...take(rest.subarray(0, cut)));
        rest = rest.subarray(cut);
      }
      taken.push(...take(rest));
      const of = (stream: string): string =>
        Buffer.concat(taken.filter((piece) => piece.stream === stream).map(({ bytes }) => bytes)).toString();
      const saidOn = (wanted: string): string =>
        said.flatMap(([stream, text]) => (stream === wanted ? text : [])).join("");
      expect(of("stdout")).toBe(saidOn("stdout"));
      expect(of("stderr")).toBe(saidOn("stderr"));
      expect(outputOf(all).toString()).toBe(said.map(([, text]) => text).join(""));
    }),
  );
});
