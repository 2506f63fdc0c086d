import { bareReplicas, median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "a rolling deployment of three, beyond their boot and end";
export const goal = { atMost: 250 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 7);
const replicas = 3;
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz, replicas: ${replicas} }
environments:
  place: { services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

export const run = () =>
  withProduct(configuration, async ({ client }) => {
    const api = client();
    for (let release = 1; release <= 2; release++)
      await succeeded(api, (await api.call("makeRelease", { by: "bench", deploy: false, uncommitted: "ignore" })).id);
    const found = [];
    const boots = [];
    for (let round = 0; round <= rounds; round++) {
      boots.push(await bareReplicas(replicas));
      const release = `r${1 + (round % 2)}`;
      const began = performance.now();
      await succeeded(api, (await api.call("deploy", { environment: "place", release, by: "bench" })).id);
      // The first finds nothing to replace.
      if (round > 0) found.push(performance.now() - began);
    }
    const without = median(boots.slice(1));
    return { ours: median(found) - without, anchor: without, unit: "ms" };
  });
