/** Enough to keep a disk, a container engine or the thread pool busy; more only stands in their way. */
const atOnce = 8;

/** Does something for each item, a few at a time, and answers in the order of the items. Stops at the first failure. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = Array.from({ length: items.length });
  const next = items.entries();
  let failed = false;
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const [at, item] of next) {
      if (failed) return;
      try {
        results[at] = await work(item);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  });
  // All are awaited: nothing may still write into a folder that the caller removes.
  const ended = await Promise.allSettled(workers);
  const failure = ended.find((end) => end.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}
