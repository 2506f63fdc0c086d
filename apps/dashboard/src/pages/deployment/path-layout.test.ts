import fc from "fast-check";
import { expect, test } from "vitest";
import { cellOf, layOut } from "./path-layout.ts";

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

test("a way of eight steps fits beside the navigation, and more of them scroll before they cannot be read", () => {
  const widthOf = (columns: number): number => {
    const { width, gapX } = cellOf(columns);
    return columns * (width + gapX) - gapX;
  };
  for (const columns of [1, 2, 5, 6, 7, 8]) expect(widthOf(columns)).toBeLessThanOrEqual(1100);
  expect(cellOf(3).width).toBe(160);
  expect(cellOf(30).width).toBe(120);
});
