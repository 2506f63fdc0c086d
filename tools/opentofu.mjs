// Builds OpenTofu and the provider `local` from the Go module proxy, for the suites of infrastructure, into a place that
// outlives the checkout: it takes minutes once (4 on two free cores), and no time when they are there. Nobody downloads a
// program where machines of tests do not come. `node tools/opentofu.mjs`; without Go the suites that want it are skipped.
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { localProvider, openTofuPlaces, openTofuVersion } from "./opentofu-places.mjs";

/** The library of its language that OpenTofu's own go.mod puts in the place of another; `go install` refuses such modules. */
const replaced = "github.com/hashicorp/hcl/v2=github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828";
/** The newest that its module path allows: later tags are of a major version that the path does not say. */
const provider = "github.com/terraform-providers/terraform-provider-local@v1.4.0";
const minute = 60_000;

/** Builds what is missing. Answers with why it cannot, or null. @returns {string | null} */
export function provideOpenTofu() {
  if (openTofuPlaces.some((place) => isExecutable(join(place, "bin/tofu")))) return null;
  const place = openTofuPlaces.find(mayBeMade);
  if (place === undefined) return "nowhere to put it";
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) return "there is no Go";
  const work = mkdtempSync(join(tmpdir(), "fairway-opentofu-"));
  const until = Date.now() + 15 * minute;
  try {
    writeFileSync(join(work, "go.mod"), "module tools\n\ngo 1.25\n");
    const built = join(work, "built");
    const version = "-X github.com/opentofu/opentofu/version.dev=no";
    for (const args of [
      ["mod", "edit", `-replace=${replaced}`],
      ["get", "-tool", `github.com/opentofu/opentofu/cmd/tofu@v${openTofuVersion}`],
      [
        "build",
        "-trimpath",
        `-ldflags=-s -w ${version}`,
        "-o",
        `${built}/bin/tofu`,
        "github.com/opentofu/opentofu/cmd/tofu",
      ],
    ]) {
      const why = go(work, args, until, {});
      if (why !== null) return why;
    }
    const folder = join(built, "providers", dirname(localProvider));
    mkdirSync(folder, { recursive: true });
    const why = go(work, ["install", "-trimpath", "-ldflags=-s -w", provider], until, { GOBIN: folder });
    if (why !== null) return why;
    renameSync(join(folder, "terraform-provider-local"), join(built, "providers", localProvider));
    mkdirSync(dirname(place), { recursive: true });
    rmSync(place, { recursive: true, force: true });
    // Into place at once: a half of it is never seen. Another file system takes a copy, which `mv` makes.
    return spawnSync("mv", [built, place]).status === 0 ? null : `could not be put into ${place}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} cwd @param {readonly string[]} args @param {number} until @param {Record<string, string>} env */
function go(cwd, args, until, env) {
  const { status, stderr, error } = spawnSync("nice", ["go", ...args], {
    cwd,
    timeout: Math.max(1000, until - Date.now()),
    env: { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local", ...env },
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return null;
  const said = String(stderr ?? "")
    .trim()
    .split("\n")
    .slice(-3)
    .join("\n");
  return `go ${args[0]}: ${error === undefined ? said : error.message}`;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} place */
function mayBeMade(place) {
  try {
    mkdirSync(dirname(place), { recursive: true });
    accessSync(dirname(place), constants.W_OK);
    return true;
  } catch {
    return false; // Not for us to write.
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const why = provideOpenTofu();
  console.log(why === null ? "opentofu: there" : `opentofu: could not be built: ${why}`);
  process.exitCode = why === null ? 0 : 1;
}
