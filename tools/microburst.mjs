// Installs microburst from PyPI into .cache/microburst: a proxy before the AWS of the tests that throttles, fails and goes
// silent in AWS's own wire format. Quick when it is there. `node tools/microburst.mjs`
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const place = fileURLToPath(new URL("../.cache/microburst", import.meta.url));
const wanted = "microburst==0.10.0";
const done = join(place, "installed.txt");

if ((await readFile(done, "utf8").catch(() => "")) === wanted) {
  console.log("microburst: there");
} else {
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await run("python3", ["-m", "venv", join(place, "venv")]);
  await run(join(place, "venv/bin/python"), ["-m", "pip", "install", "--quiet", wanted]);
  await writeFile(done, wanted);
  console.log(`microburst: installed in ${place}`);
}
