/**
 * Does a work for each of several things, one after the other. What fails for one keeps it from no other; after the last it is
 * thrown, the first of them where several failed.
 */
export async function oneByOne<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const failed: Promise<void>[] = [];
  for (const item of items) {
    const doing = work(item);
    await doing.catch(() => failed.push(doing));
  }
  await failed[0];
}

/** Does works one after the other; what fails in one keeps none after it from being done, and is thrown after the last. */
export const inTurn = (...works: readonly (() => Promise<void>)[]): Promise<void> => oneByOne(works, (work) => work());
