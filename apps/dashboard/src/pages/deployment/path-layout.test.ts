import fc from "fast-check";
import { expect, test } from "vitest";
import { draw, layOut } from "./path-layout.ts";

const graph = fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 4 }), { maxLength: 12 }).map((needs) =>
  needs.map((found, index) => ({
    name: `job-${index}`,
    needs: [...new Set(found.filter((need) => need < index))].map((need) => `job-${need}`),
  })),
);

test("every job stands behind all that it needs, and no two in one place", () => {
  fc.assert(
    fc.property(graph, (jobs) => {
      const { placed } = layOut(jobs);
      const columns = new Map(placed.map(({ job, column }) => [job.name, column]));
      for (const { job, column } of placed)
        for (const need of job.needs) expect(columns.get(need)).toBeLessThan(column);
      expect(new Set(placed.map(({ column, row }) => `${column} ${row}`)).size).toBe(jobs.length);
    }),
    { numRuns: 200 },
  );
});

test("a line that others imply is left out", () => {
  const { edges } = layOut([
    { name: "begin", needs: [] },
    { name: "web", needs: ["begin"] },
    { name: "verify", needs: ["begin", "web"] },
  ]);
  expect(edges).toEqual([
    { from: "begin", to: "web" },
    { from: "web", to: "verify" },
  ]);
});

test("a need that is not shown draws nothing", () => {
  expect(layOut([{ name: "finish", needs: ["gone"] }])).toMatchObject({ edges: [], columns: 1, rows: 1 });
});

const chain = (length: number): readonly { readonly name: string; readonly needs: readonly string[] }[] =>
  Array.from({ length }, (_, at) => ({ name: `job-${at}`, needs: at === 0 ? [] : [`job-${at - 1}`] }));

test("a way of any length fits beside the navigation with words that can be read", () => {
  for (let length = 1; length <= 40; length++) {
    const { width, cell, places } = draw(layOut(chain(length)));
    expect(width).toBeLessThanOrEqual(1100);
    expect(cell.width).toBeGreaterThanOrEqual(120);
    expect(Math.max(...places.map(({ left }) => left)) + cell.width).toBe(width);
  }
  expect(draw(layOut(chain(3))).cell.width).toBe(160);
});

test("a way of eight steps is one band, one of ten two of five", () => {
  const tops = (length: number): readonly number[] => draw(layOut(chain(length))).places.map(({ top }) => top);
  expect(new Set(tops(8))).toEqual(new Set([0]));
  expect(tops(10)).toEqual([...Array<number>(5).fill(0), ...Array<number>(5).fill(80)]);
});

test("no place lies on another or outside, and every line that is not implied is drawn", () => {
  fc.assert(
    fc.property(graph, (jobs) => {
      const layout = layOut(jobs);
      const { width, height, cell, places, lines } = draw(layout);
      for (const [index, one] of places.entries()) {
        expect(one.left + cell.width).toBeLessThanOrEqual(width);
        expect(one.top + cell.height).toBeLessThanOrEqual(height);
        for (const other of places.slice(index + 1))
          expect(Math.abs(one.left - other.left) >= cell.width || Math.abs(one.top - other.top) >= cell.height).toBe(
            true,
          );
      }
      expect(lines.map(({ from, to }) => ({ from, to }))).toEqual(layout.edges);
    }),
    { numRuns: 200 },
  );
});
