// Installs moto from PyPI into .cache/moto: the AWS that the tests of plugins/aws speak to, with a scheduler of ours for what
// only time brings. Quick when it is there. `node tools/moto.mjs`
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const place = fileURLToPath(new URL("../.cache/moto", import.meta.url));
const wanted = "moto[server]==5.2.5";
const done = join(place, "installed.txt");

if ((await readFile(done, "utf8").catch(() => "")) === wanted) {
  console.log("moto: there");
} else {
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await run("python3", ["-m", "venv", join(place, "venv")]);
  await run(join(place, "venv/bin/python"), ["-m", "pip", "install", "--quiet", wanted]);
  await writeFile(done, wanted);
  console.log(`moto: installed in ${place}`);
}
