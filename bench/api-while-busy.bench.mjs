import { writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { commit, quantile, succeeded, withProduct } from "./product-parts.mjs";

export const name = "answers of the API while a release of 100 steps is busy, p99";
export const goal = { atMost: 25 };
export const explanation =
  "A hundred commands, their shells, PostgreSQL and the daemon share two processors. A profile of the daemon has it idle for a third " +
  "of the time; of the rest an eighth goes into starting processes, which keeps everything else waiting for 5 ms each, until the " +
  "system has put the new program in place, a fifth into asking PostgreSQL, and a tenth into collecting garbage.";

const releases = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3);
const [services, checks] = [8, 10];
const every = 10;

// `true` ends at once, so the daemon is what is busy.
const checked = `{ ${Array.from({ length: checks }, (_, check) => `c${check}: "true"`).join(", ")} }`;
const made = (/** @type {number} */ index) => `  s${index}: { checks: ${checked}, build: { commands: ["true"] } }`;
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz }
${Array.from({ length: services }, (_, index) => made(index)).join("\n")}
environments:
  place: { services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

/** @param {import("@fairway/api").Client} api @param {Promise<unknown>} work */
async function timesDuring(api, work) {
  const found = [];
  let busy = true;
  void work.then(
    () => (busy = false),
    () => (busy = false),
  );
  for (let turn = 0; busy; turn++) {
    const began = performance.now();
    await (turn % 3 === 0
      ? api.call("status", {})
      : turn % 3 === 1
        ? api.call("runs", {})
        : api.call("environments", {}));
    found.push(performance.now() - began);
    await wait(every);
  }
  return found;
}

export const run = () =>
  withProduct(configuration, async ({ client, repository }) => {
    const api = client();
    await timesDuring(api, wait(1000));
    const found = [];
    for (let release = 0; release < releases; release++) {
      // Another content, or the artifacts would be taken over and nothing would be busy.
      await writeFile(`${repository}/version.txt`, String(release));
      await commit(repository, `Version ${release}`);
      const began = performance.now();
      const { id } = await api.call("makeRelease", { by: "bench" });
      found.push(...(await timesDuring(api, succeeded(api, id))));
      process.stderr.write(`  release ${release + 1}: ${(performance.now() - began).toFixed(0)} ms\n`);
    }
    process.stderr.write(
      `  ${found.length} answers, median ${quantile(found, 0.5).toFixed(1)} ms, longest ${Math.max(...found).toFixed(1)} ms\n`,
    );
    return { ours: quantile(found, 0.99), unit: "ms" };
  });
