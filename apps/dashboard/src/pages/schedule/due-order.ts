interface Due {
  readonly name: string;
  readonly next: string | null;
}

/** What comes due by the clock, what is due first at the top. */
export const dueOrder = <Each extends Due>(all: readonly Each[]): readonly Each[] =>
  all
    .filter(({ next }) => next !== null)
    .toSorted((one, other) => (one.next ?? "").localeCompare(other.next ?? "") || one.name.localeCompare(other.name));
