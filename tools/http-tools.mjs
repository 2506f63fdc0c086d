// Installs what runs files of HTTP requests: httpyac (68 MB of npm) into .cache/http-tools, and, where Cargo and the headers of
// its libraries are, Hurl, which is compiled into a place that outlives the checkout: minutes once, no time when it is there.
// `node tools/http-tools.mjs`; without Cargo the suites that want Hurl are skipped.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hurlPlaces, hurlVersion } from "./http-tool-paths.mjs";
import { installUserTools } from "./install-user-tools.mjs";

await installUserTools({ script: import.meta.url, node: { httpyac: "6.16.7" } });
const why = hurlPlaces.some((place) => existsSync(join(place, "bin/hurl"))) ? null : compileHurl();
console.log(why === null ? "hurl: there" : `hurl: ${why}`);
if (why !== null) process.exitCode = 1;

/** @returns {string | null} Why it cannot be had. */
function compileHurl() {
  if (spawnSync("cargo", ["--version"], { stdio: "ignore" }).status !== 0) return "there is no Cargo";
  const place = hurlPlaces.find(mayBeMade);
  if (place === undefined) return "nowhere to put it";
  const work = mkdtempSync(join(tmpdir(), "fairway-hurl-"));
  try {
    const { status, stderr } = spawnSync(
      "nice",
      ["cargo", "install", "hurl", "--version", hurlVersion, "--locked", "--no-track", "--root", join(work, "built")],
      {
        // It asks a server now and then: what is compiled sooner is wanted, and not what is a little faster.
        env: {
          ...process.env,
          CARGO_TARGET_DIR: join(work, "target"),
          CARGO_PROFILE_RELEASE_LTO: "false",
          CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
          CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
        },
        encoding: "utf8",
        timeout: 15 * 60_000,
      },
    );
    if (status !== 0) return `cargo cannot compile it: ${stderr.slice(-1000)}`;
    mkdirSync(dirname(place), { recursive: true });
    rmSync(place, { recursive: true, force: true });
    // Into place at once: a half of it is never seen. Another file system takes a copy, which `mv` makes.
    try {
      renameSync(join(work, "built"), place);
      return null;
    } catch {
      return spawnSync("mv", [join(work, "built"), place]).status === 0 ? null : `not put into ${place}`;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} place */
function mayBeMade(place) {
  for (let folder = place; ; folder = dirname(folder))
    if (existsSync(folder))
      try {
        accessSync(folder, constants.W_OK);
        return true;
      } catch {
        return false;
      }
}
