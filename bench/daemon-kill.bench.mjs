import { gone, median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "from kill -9 of the daemon to every replica adopted and shown";
export const goal = { atMost: 2000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);
const replicas = 3;
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz, replicas: ${replicas} }
environments:
  place: { deploys: automatically, services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

export const run = () =>
  withProduct(configuration, async ({ client, pid, start }) => {
    await succeeded(client(), (await client().call("makeRelease", { by: "bench" })).id);
    const found = [];
    for (let round = 0; round < rounds; round++) {
      const killed = pid();
      process.kill(killed, "SIGKILL");
      await gone(killed);
      const began = performance.now();
      await start();
      const { environments } = await client().call("status", {});
      found.push(performance.now() - began);
      const ready = environments[0]?.services[0]?.ready;
      if (ready !== replicas) throw new Error(`${ready} of ${replicas} replicas were adopted`);
    }
    return { ours: median(found), unit: "ms" };
  });
