// Installs the Unleash server that a story asks for its flags, into .cache/unleash-server: 190 MB, which is why nothing else
// does. Quick when it is there. `node tools/unleash-server.mjs`
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const place = fileURLToPath(new URL("../.cache/unleash-server", import.meta.url));
// The last that runs on Node 20.
const wanted = { "unleash-server": "7.5.1" };
const done = join(place, "installed.json");

if ((await readFile(done, "utf8").catch(() => "")) === JSON.stringify(wanted)) {
  console.log("Unleash server: there");
} else {
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "package.json"), `${JSON.stringify({ private: true, dependencies: wanted })}\n`);
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"], { cwd: place });
  await writeFile(done, JSON.stringify(wanted));
  console.log(`Unleash server: installed in ${place}`);
}
