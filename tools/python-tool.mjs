// Installs a program of Python's into .cache, in an environment of its own: what tools/moto.mjs and its like are made of.
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Quick when it is there. One that was interrupted is done again.
 *
 * @param {string} name
 * @param {string} wanted the package with its version, as pip has it
 */
export async function installPython(name, wanted) {
  const place = fileURLToPath(new URL(`../.cache/${name}`, import.meta.url));
  const done = join(place, "installed.txt");
  if ((await readFile(done, "utf8").catch(() => "")) === wanted) {
    console.log(`${name}: there`);
    return;
  }
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await run("python3", ["-m", "venv", join(place, "venv")]);
  await run(join(place, "venv/bin/python"), ["-m", "pip", "install", "--quiet", wanted]);
  await writeFile(done, wanted);
  console.log(`${name}: installed in ${place}`);
}
