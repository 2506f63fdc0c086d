// What the scripts that install tools of users share: packages of npm and PyPI in a folder below .cache, once.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Installs what a script wants into the folder below .cache that has its name, unless that was done by the same script.
 * `installed.json` is written last: whoever finds it finds everything.
 *
 * @param {object} wanted
 * @param {string} wanted.script Its URL.
 * @param {Readonly<Record<string, string>>} wanted.node Packages of npm, with their ranges.
 * @param {readonly string[]} [wanted.python] Packages of PyPI, into `venv`.
 * @param {(place: string) => Promise<void>} [wanted.finish] Makes programs of them in `bin`.
 */
export async function installUserTools({ script, node, python = [], finish }) {
  const file = fileURLToPath(script);
  const name = basename(file, ".mjs");
  const place = fileURLToPath(new URL(`../.cache/${name}`, import.meta.url));
  const done = join(place, "installed.json");
  const wanted = JSON.stringify({
    script: createHash("sha256")
      .update(await readFile(file))
      .digest("hex"),
  });
  if ((await readFile(done, "utf8").catch(() => "")) === wanted) {
    console.log(`${name}: there`);
    return;
  }
  await rm(place, { recursive: true, force: true });
  await mkdir(join(place, "bin"), { recursive: true });
  await writeFile(join(place, "package.json"), `${JSON.stringify({ private: true, dependencies: node })}\n`);
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"], { cwd: place });
  if (python.length > 0) {
    await run("python3", ["-m", "venv", join(place, "venv")]);
    await run(join(place, "venv/bin/python"), ["-m", "pip", "install", "--quiet", ...python]);
  }
  await finish?.(place);
  await writeFile(done, wanted);
  console.log(`${name}: installed in ${place}`);
}
