import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { quantile, withProduct } from "./product-parts.mjs";

export const name = "a kill switch until 1,000 pages show the default in their code, p99";
export const goal = { atMost: 1000 };

const clients = 1000;
const processes = 2;
const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 3);
const program = fileURLToPath(new URL("flag-clients-process.mjs", import.meta.url));
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz }
environments:
  place: { services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

/** @param {import("@fairway/api").Client} client @param {string} url @param {string} key */
async function killed(client, url, key) {
  await client.call("rollOutFlag", { environment: "place", flag: "new-checkout", percent: 100, by: "bench" });
  const share = clients / processes;
  const children = Array.from({ length: processes }, (_, index) =>
    fork(program, [url, key, String(share), String(index * share)]),
  );
  try {
    /** @type {number[]} */
    const gone = [];
    /** @type {number[]} */
    const told = [];
    let tell = () => {};
    const all = new Promise((resolve) => (tell = () => resolve(undefined)));
    await Promise.all(children.map(async (child) => (await once(child, "message"))[0]));
    for (const child of children)
      child.on("message", (/** @type {{ told: number, gone: number }} */ message) => {
        told.push(message.told);
        gone.push(message.gone);
        if (gone.length === clients) tell();
      });
    const began = Date.now();
    await client.call("killFlag", { flag: "new-checkout", by: "bench" });
    const answered = Date.now() - began;
    await all;
    const times = gone.map((at) => at - began);
    process.stderr.write(
      `  answered after ${answered} ms; the last page was told after ${Math.max(...told) - began} ms; ` +
        `they show it after ${quantile(times, 0.5)} ms (median), ${Math.max(...times)} ms (last)\n`,
    );
    return times;
  } finally {
    await Promise.all(
      children.map(async (child) => {
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }),
    );
  }
}

export const run = () =>
  withProduct(configuration, async ({ client }) => {
    const api = client();
    // Others beside it, as in life.
    const flags = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `other-${index}`,
        {
          state: "ENABLED",
          variants: { on: true, off: false },
          defaultVariant: "off",
          targeting: {
            if: [
              { ends_with: [{ var: "email" }, "@example.com"] },
              "on",
              {
                fractional: [
                  ["on", 5 * index + 1],
                  ["off", 99],
                ],
              },
            ],
          },
        },
      ]),
    );
    await api.call("importFlags", { environment: "place", set: { flags }, by: "bench" });
    await api.call("setFlag", { environment: "place", flag: "new-checkout", by: "bench" });
    const { key, url } = await api.call("flagKey", { environment: "place", kind: "client" });
    const times = [];
    for (let round = 0; round < rounds; round++) times.push(...(await killed(api, url, key)));
    return { ours: quantile(times, 0.99), unit: "ms" };
  });
