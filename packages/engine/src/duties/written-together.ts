/**
 * Makes one write of those that come while another is under way: each waits for one write before its own at the most, instead
 * of for those of all who came before it. What goes wrong is thrown to all whose write it was.
 */
export function writtenTogether<Item>(write: (items: readonly Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let waiting: { readonly items: Item[]; readonly done: Promise<void> } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return (item) => {
    if (waiting !== null) {
      waiting.items.push(item);
      return waiting.done;
    }
    const items = [item];
    const begin = async (): Promise<void> => {
      // From here on the next ones make a write of their own.
      waiting = null;
      await write(items);
    };
    const done = last.then(begin, begin);
    waiting = { items, done };
    last = done;
    return done;
  };
}
