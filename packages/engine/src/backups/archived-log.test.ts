import fc from "fast-check";
import { expect, test } from "vitest";
import { missingFromArchive, segmentsOf } from "./archived-log.ts";
import { stanzaInfo } from "./pgbackrest-info.ts";

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
const nameOf = (place: number): string => `00000001${hex(Math.floor(place / 256))}${hex(place % 256)}`;
const stored = (place: number): string => `${nameOf(place)}-${"a".repeat(40)}.lz4`;

test("whatever is taken out of an archive is missed, and nothing else is", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: 0, max: 300 }),
      fc.func(fc.boolean()),
      (from, length, isGone) => {
        const all = Array.from({ length: length + 1 }, (_, place) => from + place);
        const gone = all.filter((place) => isGone(place));
        const there = all.filter((place) => !gone.includes(place)).map(stored);
        const stretch = { from: nameOf(from), to: nameOf(from + length), there };
        expect(missingFromArchive(stretch)).toEqual(
          gone.map((place) => `${nameOf(place)} of the archived log is missing`),
        );
        expect(segmentsOf(stretch)).toHaveLength(there.length);
      },
    ),
    { numRuns: 30 },
  );
});

test("the label of a backup is no segment, and a segment of a newer timeline counts", () => {
  const newer = `00000002${nameOf(2).slice(8)}-${"b".repeat(40)}.gz`;
  const there = [stored(1), `${nameOf(2)}.00000028.backup`, stored(3), "00000002.history"];
  const stretch = { from: nameOf(1), to: nameOf(3) };
  expect(missingFromArchive({ ...stretch, there })).toEqual([`${nameOf(2)} of the archived log is missing`]);
  expect(missingFromArchive({ ...stretch, there: [...there, newer] })).toEqual([]);
  expect(segmentsOf({ ...stretch, there: [...there, newer] })).toContain("00000002.history");
});

test("a repository that was opened with another key, or is not well, is no empty one", () => {
  const info = (code: number, message: string): string =>
    JSON.stringify([
      { name: "shop", cipher: "aes-256-cbc", status: { code, message }, db: [], archive: [], backup: [] },
    ]);
  expect(stanzaInfo(info(1, "missing stanza path"), "shop", 1).snapshots).toEqual([]);
  expect(() => stanzaInfo(info(99, "[CryptoError] cipher header invalid"), "shop", 1)).toThrow(/not opened by the key/);
  // What a wrong key makes of a file is quoted as it is, and the answer is then no JSON.
  const broken = info(99, "[FormatError] unable to load info file ").replace("file ", "file \u0000\u0001\n");
  expect(() => stanzaInfo(broken, "shop", 1)).toThrow(/not opened by the key/);
  expect(() => stanzaInfo(info(99, "[PathMissingError] gone"), "shop", 1)).toThrow(/is not well/);
  expect(() => stanzaInfo("nothing", "shop", 1)).toThrow(/did not answer in JSON/);
});
