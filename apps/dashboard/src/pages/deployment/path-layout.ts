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
/** Below it the words in a place cannot be read. */
const narrowest = 120;
const height = 52;
const gapY = 10;
/** Between two bands, where lines go from the end of one to the beginning of the next. */
const gapOfBands = 28;

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

/** A layout with its measures in pixels. */
export interface Picture<Job extends PathJob> {
  readonly width: number;
  readonly height: number;
  /** How large each place is. */
  readonly cell: { readonly width: number; readonly height: number };
  readonly places: readonly { readonly job: Job; readonly left: number; readonly top: number }[];
  /** As an SVG path has it. */
  readonly lines: readonly (PathEdge & { readonly d: string })[];
}

/**
 * The picture of a layout, which fits beside the navigation: places are narrower where there are many columns, and more columns
 * than can be read go on below in another band, as lines of text do.
 */
export function draw<Job extends PathJob>({ placed, edges, columns }: ReturnType<typeof layOut<Job>>): Picture<Job> {
  const most = Math.floor((room + 16) / (narrowest + 16));
  const bands = Math.ceil(Math.max(1, columns) / most);
  const inBand = Math.ceil(Math.max(1, columns) / bands);
  const gapX = inBand > 6 ? 16 : 24;
  const width = Math.min(160, Math.floor((room + gapX) / inBand) - gapX);
  const bandOf = (column: number): number => Math.floor(column / inBand);
  const tops: number[] = [];
  let below = 0;
  for (let band = 0; band < bands; band++) {
    tops.push(below);
    const rows = Math.max(0, ...placed.filter(({ column }) => bandOf(column) === band).map(({ row }) => row + 1));
    below += rows * (height + gapY) - gapY + gapOfBands;
  }
  const places = placed.map(({ job, column, row }) => ({
    job,
    band: bandOf(column),
    left: (column % inBand) * (width + gapX),
    top: (tops[bandOf(column)] ?? 0) + row * (height + gapY),
  }));
  const at = new Map(places.map((place) => [place.job.name, place]));
  const lines = edges.flatMap(({ from, to }) => {
    const [one, other] = [at.get(from), at.get(to)];
    if (one === undefined || other === undefined) return [];
    const [x1, y1] = [one.left + width, one.top + height / 2];
    const [x2, y2] = [other.left, other.top + height / 2];
    const bend = gapX / 2;
    const between = (tops[other.band] ?? 0) - gapOfBands / 2;
    const d =
      one.band === other.band
        ? `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
        : `M${x1} ${y1}h${bend}V${between}H${x2 - bend}V${y2}h${bend}`;
    return [{ from, to, d }];
  });
  return {
    width: Math.min(columns, inBand) * (width + gapX) - gapX,
    height: below - gapOfBands,
    cell: { width, height },
    places: places.map(({ job, left, top }) => ({ job, left, top })),
    lines,
  };
}
