import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { writeWhole } from "../running/write-whole.ts";
import { patternsIn } from "./find-files.ts";

/**
 * `docker/login-action`: puts the credentials where docker, podman and buildah look for them, in a folder of the job's own
 * that goes with the job. The registry is not asked: wrong credentials show at the first pull or push.
 */
export const dockerLogin: BuiltInAction = {
  name: "docker/login-action",
  inputs: { registry: "", username: "", password: "", scope: "", ecr: "auto", logout: "true", "registry-auth": "" },
  async main(run) {
    const registry = run.input("registry");
    const username = required(run, "username");
    const password = required(run, "password");
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    run.addMask(password);
    run.addMask(auth);
    const folder = join(run.host.folders.temp, "docker");
    const file = join(folder, "config.json");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const config = await configIn(file);
    const server = registry === "" || registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
    // Beside the credentials of this registry it holds those of others.
    await writeWhole(file, JSON.stringify({ ...config, auths: { ...config.auths, [server]: { auth } } }), 0o600);
    run.exportVariable("DOCKER_CONFIG", folder);
    run.exportVariable("REGISTRY_AUTH_FILE", file);
    run.info(`Credentials for ${registry === "" ? "docker.io" : registry} are in place`);
  },
  async post(run) {
    if (!run.flag("logout")) return;
    await rm(join(run.host.folders.temp, "docker"), { recursive: true, force: true });
    run.info("Logged out");
  },
};

/** `docker/setup-buildx-action`: says which program will build; docker, podman and buildah need no setting up. */
export const dockerSetupBuildx: BuiltInAction = {
  name: "docker/setup-buildx-action",
  inputs: {
    version: "",
    driver: "docker-container",
    "driver-opts": "",
    "buildkitd-flags": "",
    "buildkitd-config": "",
    "buildkitd-config-inline": "",
    install: "false",
    use: "true",
    endpoint: "",
    platforms: "",
    append: "",
    "keep-state": "false",
    "cache-binary": "true",
    cleanup: "true",
    name: "",
  },
  async main(run) {
    const builder = await builderOf(run);
    run.info(`Images are built by ${builder.program}`);
    run.setOutput("name", "default");
    run.setOutput("driver", builder.kind);
    run.setOutput("platforms", "");
  },
};

/** `docker/build-push-action`: builds an image with docker buildx, podman or buildah, whichever is here, and pushes it. */
export const dockerBuildPush: BuiltInAction = {
  name: "docker/build-push-action",
  inputs: {
    "add-hosts": "",
    allow: "",
    annotations: "",
    attests: "",
    "build-args": "",
    "build-contexts": "",
    builder: "",
    "cache-from": "",
    "cache-to": "",
    call: "",
    "cgroup-parent": "",
    context: ".",
    file: "",
    labels: "",
    load: "false",
    network: "",
    "no-cache": "false",
    "no-cache-filters": "",
    outputs: "",
    platforms: "",
    provenance: "",
    pull: "false",
    push: "false",
    sbom: "",
    secrets: "",
    "secret-envs": "",
    "secret-files": "",
    "shm-size": "",
    ssh: "",
    tags: "",
    target: "",
    ulimit: "",
    "github-token": "",
  },
  async main(run) {
    const builder = await builderOf(run);
    const { temp } = run.host.folders;
    const tags = run
      .input("tags")
      .split(/[\n,]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "");
    const push = run.flag("push");
    if (push && tags.length === 0) throw new TypeError("push needs tags: they say where to.");
    const idFile = join(temp, "image-id");
    const metadata = join(temp, "image-metadata.json");
    const secrets = await secretFiles(run);
    try {
      const buildx = builder.kind === "buildx";
      const argv = [
        ...builder.argv,
        ...(buildx ? ["--metadata-file", metadata, ...(push ? ["--push"] : run.flag("load") ? ["--load"] : [])] : []),
        ...["--iidfile", idFile],
        ...tags.flatMap((tag) => ["--tag", tag]),
        ...options(run, buildx),
        ...secrets.flatMap(({ id, file }) => ["--secret", `id=${id},src=${file}`]),
        contextOf(run),
      ] as const;
      await mustRun(run, argv);
      if (push && !buildx)
        for (const tag of tags) await mustRun(run, [builder.program, "push", "--digestfile", `${idFile}.digest`, tag]);
      run.setOutput("imageid", (await textIn(idFile)).trim());
      const described = await textIn(metadata);
      const digest = buildx
        ? (JSON.parse(described || "{}") as Readonly<Record<string, string>>)["containerimage.digest"]
        : await textIn(`${idFile}.digest`);
      run.setOutput("digest", (digest ?? "").trim());
      run.setOutput("metadata", described);
    } finally {
      for (const { file } of secrets) await rm(file, { force: true });
      for (const file of [idFile, `${idFile}.digest`, metadata]) await rm(file, { force: true });
    }
  },
};

interface Builder {
  readonly kind: "buildx" | "podman" | "buildah";
  readonly program: string;
  readonly argv: readonly [string, ...string[]];
}

async function builderOf(run: BuiltInRun): Promise<Builder> {
  const buildx = await run.exec(["docker", "buildx", "version"], { quiet: true });
  if (buildx.code === 0) return { kind: "buildx", program: "docker", argv: ["docker", "buildx", "build"] };
  if ((await run.which("podman")) !== undefined)
    return { kind: "podman", program: "podman", argv: ["podman", "build"] };
  if ((await run.which("buildah")) !== undefined)
    return { kind: "buildah", program: "buildah", argv: ["buildah", "build"] };
  throw new TypeError("Nothing here builds images: install Docker with buildx, Podman or Buildah on this machine.");
}

/** Inputs that are options of the same meaning everywhere; what only buildx knows is warned of elsewhere. */
function options(run: BuiltInRun, buildx: boolean): readonly string[] {
  const one = (name: string, option: string): readonly string[] =>
    run.input(name) === "" ? [] : [`--${option}`, run.input(name)];
  const each = (name: string, option: string): readonly string[] =>
    patternsIn(run.input(name)).flatMap((line) => [`--${option}`, line]);
  const file = run.input("file");
  const onlyBuildx = ["cache-from", "cache-to", "outputs", "provenance", "sbom", "attests", "allow", "ssh"] as const;
  const used = onlyBuildx.filter((name) => run.input(name) !== "");
  if (!buildx && used.length > 0) run.warning(`Only buildx knows ${used.join(", ")}; the image is built without.`);
  return [
    ...(file === "" ? [] : ["--file", resolve(run.host.folders.workspace, file)]),
    ...each("build-args", "build-arg"),
    ...each("labels", "label"),
    ...each("annotations", "annotation"),
    ...each("add-hosts", "add-host"),
    ...each("build-contexts", "build-context"),
    ...one("target", "target"),
    ...one("platforms", "platform"),
    ...one("network", "network"),
    ...one("shm-size", "shm-size"),
    ...(run.flag("no-cache") ? ["--no-cache"] : []),
    ...(run.flag("pull") ? ["--pull"] : []),
    ...(buildx
      ? [...each("cache-from", "cache-from"), ...each("cache-to", "cache-to"), ...each("outputs", "output")]
      : []),
    ...(buildx
      ? [
          ...one("provenance", "provenance"),
          ...one("sbom", "sbom"),
          ...each("attests", "attest"),
          ...each("allow", "allow"),
          ...each("ssh", "ssh"),
        ]
      : []),
  ];
}

/**
 * A path, or an address that the builder fetches itself. The original takes the repository by git; here it is the workspace.
 */
function contextOf(run: BuiltInRun): string {
  const context = run.input("context");
  return /^[a-z+]+:\/\/|^git@/.test(context) ? context : resolve(run.host.folders.workspace, context);
}

/** Secrets are given by files that only the job's user reads, never as arguments. */
async function secretFiles(run: BuiltInRun): Promise<readonly { readonly id: string; readonly file: string }[]> {
  const files: { readonly id: string; readonly file: string }[] = [];
  const folder = join(run.host.folders.temp, "build-secrets");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pairs = (name: string): readonly (readonly [string, string])[] =>
    patternsIn(run.input(name)).map(
      (line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const,
    );
  const values = [...pairs("secrets"), ...pairs("secret-envs").map(([id, name]) => [id, run.env[name] ?? ""] as const)];
  for (const [id, value] of values) {
    if (!/^[\w.-]+$/.test(id)) throw new TypeError(`"${id}" is no name of a secret`);
    const file = join(folder, id);
    await writeFile(file, value, { mode: 0o600 });
    files.push({ id, file });
  }
  return files;
}

async function mustRun(run: BuiltInRun, argv: readonly [string, ...string[]]): Promise<void> {
  const { code } = await run.exec(argv);
  if (code !== 0)
    throw new TypeError(`${argv[0]} ${argv[1] ?? ""} failed with exit code ${code ?? "unknown"}: see above`);
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
}

async function configIn(file: string): Promise<DockerConfig> {
  const text = await textIn(file);
  return text === "" ? {} : (JSON.parse(text) as DockerConfig);
}

async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if ((thrown as { readonly code?: unknown }).code === "ENOENT") return "";
    throw thrown;
  }
}

function required(run: BuiltInRun, name: string): string {
  const value = run.input(name);
  if (value === "")
    throw new TypeError(`${name} required: it has no value. A secret that Fairway does not have is an empty text.`);
  return value;
}
