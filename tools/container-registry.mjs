// Starts a registry of images (Debian's docker-registry) on a free port of the loopback, in a folder of its own, for tests
// and benches: `const registry = await startRegistry(); … await registry.stop()`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * @typedef {object} RegistryOptions
 * @property {boolean} [login] Whether it asks who one is: `registryLogin`.
 * @property {{ readonly certificate: string, readonly key: string }} [tls] Files; plain HTTP without.
 * @property {boolean} [deletes] Whether it takes anything away; it does, when left out.
 * @property {string} [folder] Where it keeps what it has; its own, and gone after it, when left out.
 */

/**
 * @typedef {object} TestRegistry
 * @property {string} host `127.0.0.1:40123`.
 * @property {string} folder Where it keeps what it has.
 * @property {() => Promise<void>} stop
 */

/** Whom a registry with a login knows; the hash below is of this password (bcrypt). */
export const registryLogin = { username: "ada", password: "secret" };
const hashOfPassword = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

/** @param {RegistryOptions} [options] @returns {Promise<TestRegistry>} */
export async function startRegistry({ login = false, tls, deletes = true, folder: given } = {}) {
  const own = mkdtempSync(join(tmpdir(), "fairway-registry-"));
  const folder = given ?? join(own, "data");
  const htpasswd = join(own, "htpasswd");
  writeFileSync(htpasswd, `${registryLogin.username}:${hashOfPassword}\n`);
  const configuration = join(own, "config.json");
  writeFileSync(
    configuration,
    // YAML, of which JSON is a part.
    JSON.stringify({
      version: 0.1,
      log: { level: "info" },
      storage: { filesystem: { rootdirectory: folder }, delete: { enabled: deletes } },
      http: { addr: "127.0.0.1:0", ...(tls === undefined ? {} : { tls }) },
      ...(login ? { auth: { htpasswd: { realm: "test", path: htpasswd } } } : {}),
    }),
  );
  const child = spawn("docker-registry", ["serve", configuration], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  try {
    const port = await new Promise((resolve, reject) => {
      let said = "";
      child.stderr.setEncoding("utf8");
      child.stderr.on("data", (/** @type {string} */ text) => {
        // Only until it listens; what comes after is read and forgotten, so that it is never held up.
        if (said.length < 100_000) said += text;
        const found = /listening on [^"]*:(\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`docker-registry did not start: ${said}`)));
    });
    return {
      host: `127.0.0.1:${port}`,
      folder,
      async stop() {
        child.kill("SIGKILL");
        await ended;
        rmSync(own, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    child.kill("SIGKILL");
    rmSync(own, { recursive: true, force: true });
    throw thrown;
  }
}
