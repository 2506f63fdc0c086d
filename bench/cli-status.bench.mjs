import { fileURLToPath } from "node:url";
import { median, succeeded, timeOf, withProduct } from "./product-parts.mjs";

export const name = "fairway status (beside: node -e 0)";
export const goal = { atMost: 300 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 15);
const program = fileURLToPath(new URL("../apps/cli/bin/fairway.mjs", import.meta.url));
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz, replicas: 2 }
environments:
  staging: { deploys: automatically, services: { hello: { routes: [{ host: hello.staging.localhost }] } } }
  production: { promotesFrom: staging, services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

export const run = () =>
  withProduct(configuration, async ({ client, data, repository }) => {
    await succeeded(client(), (await client().call("makeRelease", { by: "bench" })).id);
    const [ours, anchor] = [[], []];
    for (let round = 0; round < rounds; round++) {
      anchor.push(await timeOf(["-e", "0"]));
      ours.push(await timeOf([program, "--data", data, "status"], repository));
    }
    return { ours: median(ours), anchor: median(anchor), unit: "ms" };
  });
