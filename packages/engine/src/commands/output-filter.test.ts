import fc from "fast-check";
import { expect, it } from "vitest";
import { FilteredOutput, type OutputFilter } from "./output-filter.ts";
import { ShownOutput } from "./shown-output.ts";

/** Hides what `::add-mask::` names and drops `::debug::`, as a runner of workflows does. */
const commands = (seen: string[] = []): OutputFilter => ({
  wants: "marked",
  lines: async (batch) => {
    seen.push(...batch);
    return {
      lines: batch.filter((line) => !line.startsWith("::debug::")),
      masks: batch.flatMap((line) => /^::add-mask::(.+)$/.exec(line)?.[1] ?? []),
      wants: "marked",
    };
  },
});

async function logged(text: Buffer, cuts: readonly number[], filter = commands()): Promise<string> {
  const output = new ShownOutput([]);
  const filtered = new FilteredOutput(filter, (masks) => output.addSecrets(masks));
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  const out: Buffer[] = [];
  for (const [index, end] of at.slice(1).entries())
    out.push(Buffer.from(output.push(await filtered.push(text.subarray(at[index], end)))));
  out.push(output.push(await filtered.end()), output.end());
  return Buffer.concat(out).toString();
}

it("hides what the output itself says must be hidden, from that line on", async () => {
  expect(await logged(Buffer.from("a\n::debug::x\n::add-mask::hunter22\nhunter22\nno end hunter22"), [])).toBe(
    "a\n::add-mask::***\n***\nno end ***",
  );
});

it("gives no line of a secret that comes after its mask, whatever the cuts", async () => {
  const piece = fc.constantFrom("hunter22\n", "::add-mask::hunter22\n", "plain\n", "::debug::x\n", "half", "\n");
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 6 }), async (pieces, cuts) => {
      const text = Buffer.from(`::add-mask::hunter22\n${pieces.join("")}`);
      const shown = await logged(text, cuts);
      expect(shown).not.toContain("hunter22");
      expect(shown).toBe(await logged(text, []));
    }),
    { numRuns: 300 },
  );
});

it("shows the filter only what it wants, and keeps other bytes as they are", async () => {
  const seen: string[] = [];
  const bytes = Buffer.from([0x61, 0x00, 0x1b, 0x5b, 0x0a]);
  expect(await logged(bytes, [2], commands(seen))).toBe("a\0\u001b[\n");
  expect(seen).toEqual([]);
});

it("passes on a line without end in bounded pieces", async () => {
  const seen: string[] = [];
  const text = Buffer.from(`${"x".repeat(5_000_000)}::\nnext ::\n`);
  const cuts = [1_000_000, 2_000_000, 3_000_000, 4_000_000];
  expect(await logged(text, cuts, commands(seen))).toMatch(/^x{16384} … \[line cut\]\nnext ::\n$/);
  expect(seen).toEqual(["next ::"]);
});

it("withholds a line without end where the filter must see everything", async () => {
  const text = Buffer.from(`first\n{"state":"hunter22${"x".repeat(3_000_000)}hunter22"}\nlast\n`);
  const filter: OutputFilter = { ...commands(), tooLong: "withhold" };
  const cuts = [500_000, 1_500_000, 2_500_000];
  expect(await logged(text, cuts, filter)).toBe("first\n(a line too long to be shown)\nlast\n");
});
