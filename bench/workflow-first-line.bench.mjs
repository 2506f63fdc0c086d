import { median, withProduct } from "./product-parts.mjs";
import { configuration, file, putWorkflow, timeOfRun } from "./workflow-parts.mjs";

export const name = "from asking for a workflow to its first line at the client";
export const goal = { atMost: 300 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 7);

export const run = () =>
  withProduct(configuration, async ({ repository, client }) => {
    await putWorkflow(repository, 1);
    const api = client();
    await timeOfRun(api);
    const found = [];
    for (let round = 0; round < rounds; round++) found.push(await firstLine(api));
    return { ours: median(found), unit: "ms" };
  });

/** @param {import("@fairway/api").Client} api */
async function firstLine(api) {
  const began = performance.now();
  const { run: started } = await api.call("runWorkflow", { file, by: "bench", uncommitted: "ignore" });
  const id = started?.id ?? "";
  for await (const { subject, kind } of api.stream("events", { run: id, after: 0 }))
    if (subject === id && kind === "step.changed" && (await hasLine(api, id))) return performance.now() - began;
  throw new Error(`${id} wrote nothing`);
}

/** @param {import("@fairway/api").Client} api @param {string} id */
async function hasLine(api, id) {
  try {
    for await (const { text } of api.stream("logs", { run: id, follow: "true" })) if (text !== "") return true;
  } catch (thrown) {
    // No step has a log yet.
    if (thrown.code !== "not_found") throw thrown;
  }
  return false;
}
