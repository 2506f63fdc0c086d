import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort, median, service, succeeded, withProduct } from "./product-parts.mjs";

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

/** The same three with nobody between: until each says that it listens, and from being told to end to the end of the last. */
async function bare() {
  const ports = await Promise.all(Array.from({ length: replicas }, () => freePort()));
  const began = performance.now();
  const children = ports.map((port) =>
    spawn(process.execPath, [service], {
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const boot = performance.now() - began;
  const told = performance.now();
  await Promise.all(
    children.map((child) => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      return ended;
    }),
  );
  return boot + (performance.now() - told);
}

export const run = () =>
  withProduct(configuration, async ({ client }) => {
    const api = client();
    for (let release = 1; release <= 2; release++)
      await succeeded(api, (await api.call("makeRelease", { by: "bench", deploy: false, uncommitted: "ignore" })).id);
    const found = [];
    const boots = [];
    for (let round = 0; round <= rounds; round++) {
      boots.push(await bare());
      const release = `r${1 + (round % 2)}`;
      const began = performance.now();
      await succeeded(api, (await api.call("deploy", { environment: "place", release, by: "bench" })).id);
      // The first finds nothing to replace.
      if (round > 0) found.push(performance.now() - began);
    }
    const without = median(boots.slice(1));
    return { ours: median(found) - without, anchor: without, unit: "ms" };
  });
