/** What a batch does with time: called with what to do, at the next good moment. */
export interface Pace {
  /** Before the next frame is painted, and not while nobody looks. */
  readonly onFrame: (work: () => void) => void;
  readonly after: (millis: number, work: () => void) => void;
}

/**
 * Gathers what comes however fast, and hands it on once a frame at most, then not before `rest` is over. So five hundred
 * events in a second ask for as much work as a few, and the keys that somebody presses have their turn in between.
 */
export function createBatch<Item>(
  handOn: (items: readonly Item[]) => void,
  keyOf: (item: Item) => string,
  rest: number,
  pace: Pace,
): (items: readonly Item[]) => void {
  const waiting = new Map<string, Item>();
  let state: "idle" | "frame" | "rest" = "idle";

  function ask(): void {
    state = "frame";
    pace.onFrame(() => {
      const items = [...waiting.values()];
      waiting.clear();
      state = "rest";
      handOn(items);
      pace.after(rest, () => {
        if (waiting.size > 0) ask();
        else state = "idle";
      });
    });
  }

  return (items) => {
    for (const item of items) waiting.set(keyOf(item), item);
    if (state === "idle" && waiting.size > 0) ask();
  };
}
