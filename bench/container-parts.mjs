// What the benches of releases in containers have in common: a project of services with Dockerfiles, a registry on the
// loopback, and the same build and push by buildah with nobody between.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { capabilities } from "../tools/capabilities.mjs";
import { containerBase } from "../tools/container-base.mjs";
import { startRegistry } from "../tools/container-registry.mjs";
import { service, succeeded, withProduct } from "./product-parts.mjs";

/** @typedef {import("./product-parts.mjs").Product} Product */

const execute = promisify(execFile);

/** The same image has the same labels, which cost a step. */
const marks = ["revision", "created", "version", "title", "source"].flatMap((mark) => [
  "--label",
  `org.opencontainers.image.${mark}=of the bench`,
]);

/** Dependencies that stay, the service's own code, and what its build makes of that: as services are built. */
const dockerfile = `ARG BASE
FROM \${BASE}
WORKDIR /srv
RUN node -e "require('fs').writeFileSync('dependencies', require('crypto').randomBytes(8e6))"
COPY server.mjs ./
RUN node -e "const c = require('crypto'); require('fs').writeFileSync('bundle', c.pbkdf2Sync(require('fs').readFileSync('server.mjs'), 'x', 1, 8e6, 'sha256'))"
CMD ["node", "server.mjs"]
`;

/** What this machine lacks for these; null when nothing. */
export const lack = () =>
  [capabilities.podman, capabilities.registry].find((capability) => !capability.isThere())?.what ?? null;

/** The code of a service at some time: never twice the same. @param {number} round */
export const codeOf = async (round) => `// ${round} ${process.pid} ${Date.now()}\n${await readFile(service, "utf8")}`;

/**
 * A daemon with so many services in containers, whose images go through a registry of this machine.
 * @template Result
 * @param {number} services
 * @param {(product: Product, registry: string) => Promise<Result>} measure
 * @returns {Promise<Result>}
 */
export async function withContainers(services, measure) {
  const base = containerBase();
  const registry = await startRegistry();
  const names = Array.from({ length: services }, (_, number) => `service-${number + 1}`);
  const configuration = JSON.stringify({
    name: "bench",
    registry: { server: `${registry.host}/bench`, insecure: true },
    services: Object.fromEntries(
      names.map((name) => [name, { path: name, build: { inputs: [name] }, container: { args: { BASE: base } } }]),
    ),
    environments: { place: { deploys: "on-request" } },
  });
  const code = await codeOf(0);
  const files = Object.fromEntries(
    names.flatMap((name) => [
      [`${name}/Dockerfile`, dockerfile],
      [`${name}/server.mjs`, code],
    ]),
  );
  try {
    return await withProduct(configuration, (product) => measure(product, registry.host), {
      files,
      containerEngine: "podman",
    });
  } finally {
    await removeImages(registry.host);
    await registry.stop();
  }
}

/** Makes a release of the last commit and waits for it; in milliseconds. @param {Product} product */
export async function release({ client }) {
  const api = client();
  const began = performance.now();
  await succeeded(api, (await api.call("makeRelease", { by: "bench", deploy: false, uncommitted: "ignore" })).id);
  return performance.now() - began;
}

/**
 * The same service built and pushed by buildah alone; in milliseconds.
 * @param {string} registry
 * @param {string} code
 */
export async function bare(registry, code) {
  const context = await mkdtemp(join(tmpdir(), "fairway-bare-"));
  const image = `${registry}/bare/service:latest`;
  try {
    await mkdir(context, { recursive: true });
    await writeFile(join(context, "Dockerfile"), dockerfile);
    await writeFile(join(context, "server.mjs"), code);
    const began = performance.now();
    const args = ["bud", "-q", "--layers", "--build-arg", `BASE=${containerBase()}`, ...marks, "-t", image, context];
    await execute("buildah", args);
    await execute("buildah", ["push", "-q", "--tls-verify=false", image]);
    return performance.now() - began;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** @param {string} registry */
async function removeImages(registry) {
  const { stdout } = await execute("podman", ["images", "-q", "--filter", `reference=${registry}/*/*`]);
  const ids = [...new Set(stdout.split("\n").filter((id) => id !== ""))];
  if (ids.length > 0) await execute("podman", ["rmi", "-f", ...ids]);
}
