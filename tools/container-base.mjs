// Makes a base image FROM scratch out of the machine's own Node, Python and shell tools, for machines that cannot pull one:
// `node tools/container-base.mjs` prints its name, for `--build-arg BASE=…`. Made once, and anew when one of them changes.

import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools =
  "awk base64 basename bash cat chmod chown cp cut date dirname env expr false find grep gzip head hostname id kill ln ls mkdir " +
  "mktemp mv printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sleep sort tail tar tee test touch tr true uname " +
  "uniq wc whoami xargs";

/** Of the C library, and of its compiler: packages that bring machine code count on them. */
const standard = [
  "libdl.so.2",
  "libgcc_s.so.1",
  "libm.so.6",
  "libpthread.so.0",
  "librt.so.1",
  "libstdc++.so.6",
  "libutil.so.1",
];

/** Where the linker of a copied program may look for what ldd told. */
const linkerPlaces = ["bin", "sbin", "lib", "lib64"];

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [input]
 */
function outputOf(program, args, input) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", input, maxBuffer: 64e6 });
  if (error || status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? stderr.trim()}`, { cause: error });
  return stdout.trim();
}

/** The authorities that this machine trusts; what is installed in a build may come through a mirror of theirs. */
const certificates = "/etc/ssl/certs/ca-certificates.crt";
const trusting = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"];

/** @param {string} program */
function whichOf(program) {
  const { status, stdout } = spawnSync("sh", ["-c", 'command -v "$0"', program], { encoding: "utf8" });
  return status === 0 && stdout.startsWith("/") ? stdout.trim() : null;
}

/** What calls itself podman or docker here, the first that answers. */
function engineProgram() {
  const found = ["podman", "docker"].find((name) => spawnSync(name, ["info"], { stdio: "ignore" }).status === 0);
  if (found === undefined) throw new Error("neither podman nor docker answers on this machine");
  return found;
}

/** The interpreter itself: what is on the PATH may be a script that looks for it. Null where there is none. */
function pythonPlaces() {
  if (whichOf("python3") === null) return null;
  const ask = "import sys, sysconfig; print(sys.base_prefix, sysconfig.get_path('stdlib'), sys.version.split()[0])";
  const [prefix, library, version] = outputOf("python3", ["-c", ask]).split(" ");
  const program = realpathSync(join(prefix, "bin/python3"));
  return { program, library, version };
}

/**
 * The libraries that these files are linked with, and the linker.
 *
 * @param {readonly string[]} files
 */
function librariesOf(files) {
  // Of what is not a dynamic program ldd says so and fails; the lines of the rest are there all the same.
  const { stdout } = spawnSync("ldd", [...files], { encoding: "utf8", maxBuffer: 64e6 });
  return new Set(stdout.split("\n").flatMap((line) => /(?:=> |^\s+)(\/\S+) \(0x/.exec(line)?.[1] ?? []));
}

/**
 * @param {string} root
 * @param {string} from
 * @param {string} to
 */
function put(root, from, to) {
  const target = join(root, to);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(from), target);
  chmodSync(target, 0o755);
}

/**
 * @param {string} root
 * @param {ReturnType<typeof pythonPlaces>} python
 */
function assemble(root, python) {
  for (const name of linkerPlaces) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const name of [
    "etc/ssl/certs",
    "usr/local/bin",
    "usr/local/lib/node_modules",
    "root",
    "proc",
    "sys",
    "dev",
    "run",
  ])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ["tmp", "var/tmp"]) {
    mkdirSync(join(root, name), { recursive: true });
    chmodSync(join(root, name), 0o1777);
  }
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  if (existsSync(certificates)) copyFileSync(certificates, join(root, certificates));

  const programs = [process.execPath];
  put(root, process.execPath, "usr/local/bin/node");
  for (const tool of tools.split(" ")) {
    const path = whichOf(tool);
    if (path === null) continue;
    put(root, path, `usr/bin/${tool}`);
    programs.push(path);
  }
  const npm = join(dirname(dirname(realpathSync(process.execPath))), "lib/node_modules/npm");
  if (existsSync(npm)) {
    cpSync(npm, join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
    for (const name of ["npm", "npx"])
      symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, "usr/local/bin", name));
  }
  if (python !== null) {
    const unwanted = new Set(["__pycache__", "test", "tests", "site-packages", "dist-packages", "idlelib", "tkinter"]);
    cpSync(python.library, join(root, python.library), {
      recursive: true,
      filter: (from) => !unwanted.has(basename(from)) && !basename(from).startsWith("config-"),
    });
    put(root, python.program, python.program);
    for (const name of ["python", "python3"]) symlinkSync(python.program, join(root, "usr/local/bin", name));
    putPip(root, python.library);
    const extensions = join(python.library, "lib-dynload");
    programs.push(python.program, ...filesIn(extensions).map((name) => join(extensions, name)));
  }
  const libraries = librariesOf(programs);
  for (const library of libraries) put(root, library, library);
  const beside = dirname([...libraries].find((library) => basename(library) === "libc.so.6") ?? "/lib");
  for (const name of standard) if (existsSync(join(beside, name))) put(root, join(beside, name), join(beside, name));
}

/**
 * As images of Python have it; not where the machine has none.
 *
 * @param {string} root
 * @param {string} library
 */
function putPip(root, library) {
  const packages = join(library, "site-packages");
  const found = filesIn(packages).filter((name) => /^pip(-.*[.]dist-info)?$/.test(name));
  if (!found.includes("pip")) return;
  for (const name of found)
    cpSync(join(packages, name), join(root, packages, name), {
      recursive: true,
      filter: (from) => basename(from) !== "__pycache__",
    });
  const script = "#!/usr/local/bin/python\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n";
  writeFileSync(join(root, "usr/local/bin/pip"), script, { mode: 0o755 });
}

/** @param {string} folder */
const filesIn = (folder) => (existsSync(folder) ? readdirSync(folder) : []);

/**
 * The name of the base image, which is made when it is not there.
 *
 * @returns {string}
 */
export function containerBase() {
  const python = pythonPlaces();
  const { size, mtimeMs } = statSync(process.execPath);
  const made = [process.version, size, mtimeMs, python, readFileSync(fileURLToPath(import.meta.url), "utf8")];
  const name = `localhost/fairway-base:${createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 12)}`;
  const engine = engineProgram();
  if (spawnSync(engine, ["image", "inspect", name], { stdio: "ignore" }).status === 0) return name;

  const root = mkdtempSync(join(tmpdir(), "fairway-base-"));
  const archive = join(tmpdir(), `fairway-base-${randomUUID()}.tar`);
  try {
    chmodSync(root, 0o755);
    assemble(root, python);
    outputOf("tar", ["-C", root, "--owner=0", "--group=0", "-cf", archive, "."]);
    const trust = existsSync(certificates) ? trusting.map((name) => `ENV ${name}=${certificates}`) : [];
    // There pip puts the programs of what it installs.
    const scripts = python === null ? [] : [join(dirname(dirname(python.library)), "bin")];
    const path = ["/usr/local/bin", ...scripts, "/usr/bin", "/bin"].join(":");
    const changes = [`ENV PATH=${path}`, ...trust, "WORKDIR /", 'CMD ["/bin/sh"]'];
    // Two that make it at once make the same, and the later one takes the name.
    outputOf(engine, ["import", ...changes.flatMap((change) => ["--change", change]), archive, name]);
  } finally {
    rmSync(root, { recursive: true, force: true });
    rmSync(archive, { force: true });
  }
  return name;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.stdout.write(`${containerBase()}\n`);
