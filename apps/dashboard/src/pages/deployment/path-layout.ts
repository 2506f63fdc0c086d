/** A job as far as its place in the graph is concerned. */
export interface PathJob {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Where a job stands: how many come before it at most, and which of its column it is. */
export interface Placed<Job extends PathJob> {
  readonly job: Job;
  readonly column: number;
  readonly row: number;
}

/** What there is for the graph beside the navigation in a window that is 1440 wide, in pixels. */
const room = 1100;

/** How large one place in the graph is, in pixels: narrower where there are many columns, as long as its words can be read. */
export function cellOf(columns: number): {
  readonly width: number;
  readonly height: number;
  readonly gapX: number;
  readonly gapY: number;
} {
  const gapX = columns > 6 ? 16 : 24;
  const fits = Math.floor((room + gapX) / Math.max(1, columns)) - gapX;
  return { width: Math.min(160, Math.max(120, fits)), height: 52, gapX, gapY: 10 };
}

/** A line from one job to the one that waits for it. */
export interface PathEdge {
  readonly from: string;
  readonly to: string;
}

/** The jobs of a run in columns, each behind all that it needs, and the lines between them without those that others imply. */
export function layOut<Job extends PathJob>(
  jobs: readonly Job[],
): {
  readonly placed: readonly Placed<Job>[];
  readonly edges: readonly PathEdge[];
  readonly columns: number;
  readonly rows: number;
} {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const depths = new Map<string, number>();
  const depthOf = (job: Job): number => {
    const known = depths.get(job.name);
    if (known !== undefined) return known;
    depths.set(job.name, 0); // So that a circle, which no run has, would end.
    const depth = job.needs.reduce((deepest, need) => {
      const before = byName.get(need);
      return before === undefined ? deepest : Math.max(deepest, depthOf(before) + 1);
    }, 0);
    depths.set(job.name, depth);
    return depth;
  };
  const filled: number[] = [];
  const placed = jobs.map((job) => {
    const column = depthOf(job);
    const row = filled[column] ?? 0;
    filled[column] = row + 1;
    return { job, column, row };
  });
  return { placed, edges: edgesOf(jobs, byName), columns: filled.length, rows: Math.max(0, ...filled) };
}

function edgesOf<Job extends PathJob>(jobs: readonly Job[], byName: ReadonlyMap<string, Job>): readonly PathEdge[] {
  const before = new Map<string, ReadonlySet<string>>();
  const allBefore = (name: string): ReadonlySet<string> => {
    const known = before.get(name);
    if (known !== undefined) return known;
    before.set(name, new Set());
    const needs = (byName.get(name)?.needs ?? []).filter((need) => byName.has(need));
    const all = new Set(needs.flatMap((need) => [need, ...allBefore(need)]));
    before.set(name, all);
    return all;
  };
  return jobs.flatMap(({ name, needs }) =>
    needs
      .filter((need) => byName.has(need) && !needs.some((other) => other !== need && allBefore(other).has(need)))
      .map((need) => ({ from: need, to: name })),
  );
}
