import { execFileSync } from "node:child_process";
import { capabilities } from "../tools/capabilities.mjs";
import { containerBase } from "../tools/container-base.mjs";
import { bareReplicas, median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "a rolling deployment of three containers in one batch, beyond the service's own boot and end";
export const goal = { atMost: 1000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 7);
const replicas = 3;

export function run() {
  if (!capabilities.podman.isThere()) return { skipped: `no ${capabilities.podman.what}` };
  const base = containerBase();
  // As many new ones as there are old ones, all at once: one batch.
  const configuration = `
name: bench
services:
  hello:
    container: { args: { BASE: "${base}" } }
    health: /healthz
    replicas: ${replicas}
    strategy: { rolling: { minimumHealthyPercent: 100, maximumPercent: 200 } }
environments:
  place: { services: { hello: { routes: [{ host: hello.localhost }] } } }
`;
  const Dockerfile = 'ARG BASE\nFROM ${BASE}\nCOPY server.mjs /srv/\nCMD ["node", "/srv/server.mjs"]\n';
  const commits = new Set();
  return withProduct(configuration, (product) => measure(product, commits), {
    files: { Dockerfile },
    containerEngine: "podman",
  }).finally(() => commits.forEach(removeImagesOf));
}

/**
 * @param {import("./product-parts.mjs").Product} product
 * @param {Set<string>} commits Of which there are images now.
 */
async function measure({ client }, commits) {
  const api = client();
  for (let release = 1; release <= 2; release++) {
    await succeeded(api, (await api.call("makeRelease", { by: "bench", deploy: false, uncommitted: "ignore" })).id);
    commits.add((await api.call("release", { release: `r${release}` })).revision.sha);
  }
  const [found, without] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const boot = await bareReplicas(replicas);
    const began = performance.now();
    const release = `r${1 + (round % 2)}`;
    await succeeded(api, (await api.call("deploy", { environment: "place", release, by: "bench" })).id);
    // The first finds nothing to replace.
    if (round === 0) continue;
    found.push(performance.now() - began - boot);
    without.push(boot);
  }
  return { ours: median(found), anchor: median(without), unit: "ms" };
}

/** Only when no container of them is left: Podman would take it away by halves. @param {string} commit */
function removeImagesOf(commit) {
  const filter = `label=org.opencontainers.image.revision=${commit}`;
  const ids = execFileSync("podman", ["images", "-q", "--filter", filter], { encoding: "utf8" }).split("\n");
  const images = [...new Set(ids.filter(Boolean))];
  if (images.length > 0) execFileSync("podman", ["rmi", "-f", ...images], { stdio: "ignore" });
}
