import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Digest, ImageBuilder, RegistryAccess, StopSignal } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { dockerfileLine } from "./container-engine/dockerfile-line.ts";
import { digestOfId } from "./container-engine/engine-digest.ts";
import { builderLabel } from "./container-engine/prune-images.ts";
import { movingTrouble } from "./container-engine/registry-at-engine.ts";
import { isPlatform } from "./image-builder.ts";
import { saysFull } from "./oci-registry/registry-trouble.ts";

/** Which program builds, and for whom. */
export interface BuildahOptions {
  /** Of Buildah. */
  readonly program: string;
  readonly project: string;
  /** No other daemon has it. */
  readonly id: string;
}

/**
 * Builds and pushes with Buildah's program, on a machine that has no engine: nothing runs in containers there, and what
 * was built is for machines that pull it from the registry.
 */
export function buildahBuilder({ program, project, id }: BuildahOptions): ImageBuilder {
  const builtHere = new Set<Digest>();
  const never: StopSignal = new AbortController().signal;
  const buildah = (
    args: readonly string[],
    { tell = () => undefined, signal = never }: { tell?: (line: string) => void; signal?: StopSignal } = {},
  ): Promise<Ended> => run(program, args, tell, signal);

  return {
    async build({ service, image: wanted, tag, context, dockerfile, args, labels, platform }, tell, signal) {
      const image = wanted ?? `localhost/fairway/${project}/${service}`;
      const name = `${image}:${tag}`;
      const text = await readFile(join(context, dockerfile), "utf8").catch((thrown: unknown) => {
        throw new FairwayError("command_failed", `there is no ${dockerfile} in the folder of the build, ${context}`, {
          cause: thrown,
        });
      });
      const words = [
        ...Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
        ...Object.entries({ ...labels, [builderLabel]: id }).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
        ...(platform === null ? [] : ["--platform", platform]),
      ];
      const bud = (cache: string): Promise<Ended> =>
        buildah(["bud", cache, "--force-rm", "--file", join(context, dockerfile), "--tag", name, ...words, context], {
          tell,
          signal,
        });
      let { code, said } = await bud(platform === null ? "--layers" : "--no-cache");
      // Somebody has taken an image away while it looked whether that could be of use.
      if (code !== 0 && /checking if cached image exists.*not known/s.test(said.join("\n")))
        ({ code, said } = await bud("--no-cache"));
      if (signal.aborted) throw new FairwayError("not_allowed_now", `the build of ${name} was stopped`);
      const output = said.join("\n");
      if (code !== 0 && saysFull(output))
        throw new FairwayError("disk_full", `no room to build ${name}`, { retryable: true });
      if (code !== 0) {
        const line = dockerfileLine(text, output);
        const place = line === null ? dockerfile : `${dockerfile}:${line}`;
        throw new FairwayError(
          "command_failed",
          `${place}: the image cannot be built: ${said.at(-1) ?? "it said nothing"}`,
        );
      }
      const inspected = ["inspect", "--type", "image", "--format", "{{.OCIv1.OS}}/{{.OCIv1.Architecture}}", name];
      const built = platform === null ? "" : ((await buildah(inspected)).said[0] ?? "").trim();
      if (!isPlatform(built, platform))
        throw new FairwayError("command_failed", `Buildah built for ${built}, and not for ${platform}`);
      const found = await buildah(["images", "--quiet", "--no-trunc", name]);
      const digest = digestOfId((found.said[0] ?? "").trim());
      if (digest === null) throw new FairwayError("internal", `Buildah gave the image of ${service} no digest`);
      builtHere.add(digest);
      return { image, digest };
    },

    async push({ image, tag }, access, tell, signal) {
      return withRegistryFiles(access, async (words, digestFile) => {
        const { code, said } = await buildah(["push", ...words, `${image}:${tag}`], { tell, signal });
        if (signal.aborted) throw new FairwayError("not_allowed_now", `the push of ${image}:${tag} was stopped`);
        if (code !== 0)
          throw movingTrouble(`push ${image}:${tag} to ${access.host}`, said.join(" "), access.login !== null);
        return digestOfId((await readFile(digestFile, "utf8")).trim());
      });
    },

    has: async (digest) => (await buildah(["inspect", "--type", "image", digest.slice("sha256:".length)])).code === 0,

    async prune(keep) {
      const listed = await buildah(["images", "--quiet", "--no-trunc", "--filter", `label=${builderLabel}=${id}`]);
      let gone = 0;
      for (const line of new Set(listed.said)) {
        const digest = digestOfId(line.trim());
        if (digest === null || keep.has(digest) || builtHere.has(digest)) continue;
        // Not by force: that would end the builds of others that have come as far as one of its layers.
        if ((await buildah(["rmi", digest.slice("sha256:".length)])).code === 0) gone += 1;
      }
      return gone;
    },
  };
}

/** Login and certificate in files that only we read, since anybody may read the words of a program. */
async function withRegistryFiles<Result>(
  { host, insecure, ca, login }: RegistryAccess,
  work: (words: readonly string[], digestFile: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "fairway-push-"));
  try {
    const digestFile = join(folder, "digest");
    const words = ["--digestfile", digestFile, `--tls-verify=${insecure ? "false" : "true"}`];
    if (ca !== null) {
      await writeFile(join(folder, "ca.crt"), ca);
      words.push("--cert-dir", folder);
    }
    if (login !== null) {
      const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
      await writeFile(join(folder, "auth.json"), JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
      words.push("--authfile", join(folder, "auth.json"));
    }
    return await work(words, digestFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How a program ended, and its last lines. */
interface Ended {
  readonly code: number | null;
  readonly said: readonly string[];
}

const linesKept = 200;

async function run(
  program: string,
  args: readonly string[],
  tell: (line: string) => void,
  signal: StopSignal,
): Promise<Ended> {
  // In a group of its own, so that all of it is ended together.
  const child = spawn(program, [...args], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const end = (): void => endGroup(child);
  signal.addEventListener("abort", end);
  try {
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        if (said.length > linesKept) said.shift();
        tell(line);
      });
    if (signal.aborted) end();
    const [code] = (await once(child, "close")) as [number | null];
    return { code, said };
  } catch (thrown) {
    throw new FairwayError("target_unreachable", `could not run ${program}`, { cause: thrown });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function endGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch (thrown) {
    // It has ended meanwhile.
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH")) throw thrown;
  }
}
