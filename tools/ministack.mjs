// Installs ministack from PyPI into .cache/ministack: an AWS whose tasks are containers of Podman and whose ECR is a registry.
// Quick when it is there. `node tools/ministack.mjs`
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const place = fileURLToPath(new URL("../.cache/ministack", import.meta.url));
const wanted = "ministack[full]==1.5.33";
const done = join(place, "installed.txt");

if ((await readFile(done, "utf8").catch(() => "")) === wanted) {
  console.log("ministack: there");
} else {
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await run("python3", ["-m", "venv", join(place, "venv")]);
  await run(join(place, "venv/bin/python"), ["-m", "pip", "install", "--quiet", wanted]);
  await writeFile(done, wanted);
  console.log(`ministack: installed in ${place}`);
}
