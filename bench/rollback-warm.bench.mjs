import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commit, quantile, succeeded, timeOf, withProduct } from "./product-parts.mjs";

export const name =
  "fairway rollback to a warm set: from the command to the last answer of the bad release, p99 (beside: node -e 0)";
export const goal = { atMost: 2000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 12);
const program = fileURLToPath(new URL("../apps/cli/bin/fairway.mjs", import.meta.url));
const host = "hello.localhost";
const configuration = `
name: bench
services:
  hello:
    run: node server.mjs
    health: /healthz
    replicas: 2
    strategy: { blue-green: { bake: 0s, keepWarm: 1h } }
environments:
  place: { deploys: automatically, services: { hello: { routes: [{ host: ${host} }] } } }
`;

/** Asks on and on, and remembers which release answered last and when. @param {number} port */
function clients(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  /** @type {Map<string, number>} */
  const last = new Map();
  let stopped = false;
  let failed = 0;
  const ask = () =>
    new Promise((resolve, reject) => {
      const asked = request({ port, host: "127.0.0.1", agent, headers: { host } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part) => (text += part));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode !== 200) failed++;
          last.set(/from (\w+)/.exec(text)?.[1] ?? text, performance.now());
          resolve(undefined);
        });
      });
      asked.on("error", reject).end();
    });
  const everybody = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!stopped) {
        await ask().catch(() => failed++);
        await wait(7);
      }
    }),
  );
  return {
    last,
    stop: async () => {
      stopped = true;
      await everybody;
      agent.destroy();
      return failed;
    },
  };
}

export const run = () =>
  withProduct(configuration, async ({ client, data, repository }) => {
    const api = client();
    const release = async () => succeeded(api, (await api.call("makeRelease", { by: "bench" })).id);
    await release();
    const { routerUrl } = await api.call("status", {});
    const load = clients(Number(new URL(routerUrl).port));
    let failed = 0;
    const [found, anchor] = [[], []];
    try {
      for (let round = 0; round < rounds; round++) {
        await appendFile(join(repository, "server.mjs"), `// ${round}\n`);
        await commit(repository, `Round ${round}`);
        await release();
        const bad = (await api.call("status", {})).environments[0]?.current?.release ?? "";
        anchor.push(await timeOf(["-e", "0"]));
        const began = performance.now();
        const command = spawn(process.execPath, [program, "--data", data, "--yes", "rollback", "place"], {
          cwd: repository,
          stdio: ["ignore", "ignore", "inherit"],
        });
        const [code] = await once(command, "close");
        if (code !== 0) throw new Error(`the rollback ended with ${code}`);
        const told = performance.now();
        // What is still on its way to a client has come by then.
        await wait(100);
        found.push((load.last.get(bad) ?? told) - began);
      }
    } finally {
      failed = await load.stop();
    }
    if (failed > 0) throw new Error(`${failed} requests failed`);
    return { ours: quantile(found, 0.99), anchor: quantile(anchor, 0.99), unit: "ms" };
  });
