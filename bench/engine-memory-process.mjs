// Takes as many durable steps as it is told, and tells after each run how much memory it has.

import { planOf, steps, withEngine } from "./engine-parts.mjs";

const [jobs, each] = [10, 50];

await withEngine([steps], async (engine) => {
  for (let done = 0; done < Number(process.argv[2]); done += jobs * each) {
    const plan = planOf(Array.from({ length: jobs }, (_, job) => ({ name: `job ${job}`, input: each })));
    await engine.ended(await engine.startRun(plan));
    process.send?.(process.memoryUsage.rss() / 1024 / 1024);
  }
});
process.disconnect?.();
