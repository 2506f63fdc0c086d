import { gone, median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "daemon start on a used data directory, with database and router";
export const goal = { atMost: 2000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz }
environments:
  place: { deploys: automatically, services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

export const run = () =>
  withProduct(configuration, async ({ client, pid, start }) => {
    await succeeded(client(), (await client().call("makeRelease", { by: "bench" })).id);
    const found = [];
    for (let round = 0; round < rounds; round++) {
      await client().call("shutdown", {});
      await gone(pid());
      const began = performance.now();
      await start();
      found.push(performance.now() - began);
    }
    return { ours: median(found), unit: "ms" };
  });
