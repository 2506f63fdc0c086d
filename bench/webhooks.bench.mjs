import { createHmac } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { quantile, withProduct } from "./product-parts.mjs";

export const name = "signed webhooks at 100 a second, answered once kept, p99";
export const goal = { atMost: 250 };

const seconds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 20);
const perSecond = 100;
const secret = "a long secret";
const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz }
environments: { place: {} }
forge:
  github: { repository: acme/shop, token: { secret: TOKEN }, webhookSecret: { secret: HOOK } }
`;

/** As large as GitHub's own are: the issue's text is a page. */
const bodyOf = (/** @type {number} */ number) =>
  JSON.stringify({
    action: "opened",
    issue: { number, title: `Issue ${number}`, body: "x".repeat(8_000) },
    repository: { full_name: "acme/shop" },
    sender: { login: "dana" },
  });

/** @param {string} url @param {number} number */
async function deliver(url, number) {
  const body = bodyOf(number);
  const began = performance.now();
  const answer = await fetch(`${url}/hooks/github`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "issues",
      "x-github-delivery": `bench-${number}`,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  });
  if (answer.status !== 202) throw new Error(`a webhook was answered with ${answer.status} ${await answer.text()}`);
  return performance.now() - began;
}

export const run = () =>
  withProduct(configuration, async ({ client, data }) => {
    await mkdir(join(data, "secrets"), { recursive: true, mode: 0o700 });
    await writeFile(join(data, "secrets", "forge.env"), `TOKEN=none\nHOOK=${secret}\n`, { mode: 0o600 });
    const { url } = client();
    for (let number = 0; number < 50; number++) await deliver(url, number);
    // Each has its time, however late the one before is answered.
    const began = performance.now();
    const asked = Array.from({ length: seconds * perSecond }, async (_one, index) => {
      await wait(Math.max(0, began + (index * 1000) / perSecond - performance.now()));
      return deliver(url, 1000 + index);
    });
    const found = await Promise.all(asked);
    process.stderr.write(
      `  ${found.length} webhooks, median ${quantile(found, 0.5).toFixed(1)} ms, longest ${Math.max(...found).toFixed(1)} ms\n`,
    );
    return { ours: quantile(found, 0.99), unit: "ms" };
  });
