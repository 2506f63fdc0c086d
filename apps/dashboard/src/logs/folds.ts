import type { LogMarks } from "@fairway/api";

/** Lines of a log that belong together, under the line that names them. Counted from 1. */
export interface Group {
  readonly head: number;
  /** Its last line; the head itself where nothing is in it. */
  readonly last: number;
  readonly title: string;
  readonly errors: number;
}

/** The groups of a log: each ends where it says so, where the next begins, or with the log. They do not hold one another. */
export function groupsOf(marks: LogMarks["marks"], count: number): readonly Group[] {
  const groups: Group[] = [];
  let isOpen = false;
  const change = (of: (group: Group) => Partial<Group>): void => {
    const group = groups.at(-1);
    if (isOpen && group !== undefined) groups[groups.length - 1] = { ...group, ...of(group) };
  };
  for (const { line, kind, text } of marks) {
    if (line === null || line > count) continue;
    if (kind === "group") {
      change(() => ({ last: line - 1 }));
      // With the log, until something says otherwise.
      groups.push({ head: line, last: count, title: text, errors: 0 });
      isOpen = true;
    } else if (kind === "endgroup") {
      change(() => ({ last: line }));
      isOpen = false;
    } else if (kind === "error") change(({ errors }) => ({ errors: errors + 1 }));
  }
  return groups;
}

/** Where the lines of a log are while some groups are closed. Rows are counted from 0. */
export interface Folds {
  readonly rows: number;
  readonly lineOf: (row: number) => number;
  /** Of a line that is folded away, the row of what it is in. */
  readonly rowOf: (line: number) => number;
}

/** Folds groups, given in their order, which do not hold one another. */
export function foldedRows(count: number, closed: readonly Group[]): Folds {
  const folds = closed.filter(({ head, last }) => last > head);
  const heads: number[] = [];
  const gone: number[] = [];
  let sum = 0;
  for (const { head, last } of folds) {
    heads.push(head - 1 - sum);
    sum += last - head;
    gone.push(sum);
  }
  return {
    rows: Math.max(0, count - sum),
    lineOf: (row) => row + 1 + (gone[firstOf(heads.length, (at) => (heads[at] ?? 0) >= row) - 1] ?? 0),
    rowOf: (line) => {
      const at = firstOf(folds.length, (index) => (folds[index]?.last ?? 0) >= line);
      const fold = folds[at];
      const shown = fold !== undefined && line > fold.head ? fold.head : line;
      return shown - 1 - (gone[at - 1] ?? 0);
    },
  };
}

/** The first of so many places at which something holds that holds for all after it too. */
function firstOf(count: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
