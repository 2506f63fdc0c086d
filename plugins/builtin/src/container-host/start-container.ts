import { buffer } from "node:stream/consumers";
import type { ReplicaImage, ReplicaSpec } from "@fairway/core";
import { FairwayError, codeOf, messageOf, secretsFolder } from "@fairway/core";
import { pack } from "tar-stream";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { removeContainer } from "../container-engine/remove-container.ts";
import type { ContainerPlace } from "./container-spec.ts";
import { containerName, containerSpec, secretFilesOf } from "./container-spec.ts";

/** How a start came out; a no that will not change is a sentence. */
export type ContainerStart =
  | { readonly kind: "started"; readonly container: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "port-taken" };

/**
 * Makes and starts a container. One of the same name was never started, or its record is gone: it is taken away first.
 * `stillAllowed` is asked between the two, since making takes time. Leaves nothing when it did not start.
 */
export async function startContainer(
  engine: ContainerEngine,
  spec: ReplicaSpec,
  image: ReplicaImage,
  place: ContainerPlace,
  stillAllowed: () => void,
): Promise<ContainerStart> {
  await removeContainer(engine, containerName(place.host, spec.name));
  let made = false;
  try {
    const created = await engine.call<string | FinalNo>(
      `make a container for ${spec.name}`,
      async (docker) => (await docker.createContainer(containerSpec(spec, image, place))).id,
      { 400: (reason) => ({ reason }), 404: (reason) => ({ reason }) },
    );
    if (typeof created !== "string") return { kind: "refused", reason: `it cannot be made: ${created.reason}` };
    made = true;
    await putSecrets(engine, created, secretFilesOf(spec, image));
    stillAllowed();
    const no = await startIt(engine, spec.name, created);
    if (no === null) return { kind: "started", container: created };
    await removeContainer(engine, created);
    return isPortTaken(no) ? { kind: "port-taken" } : { kind: "refused", reason: `its container cannot start: ${no}` };
  } catch (thrown) {
    if (made) await removeContainer(engine, containerName(place.host, spec.name)).catch(() => undefined);
    throw thrown;
  }
}

/** In the container's own file system, which goes with it. Anybody in the container may read them, whoever its user is. */
async function putSecrets(
  engine: ContainerEngine,
  container: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  if (files.size === 0) return;
  const archive = pack();
  archive.entry({ name: `${secretsFolder.slice(1)}/`, type: "directory", mode: 0o755 });
  for (const [name, value] of files) archive.entry({ name: `${secretsFolder.slice(1)}/${name}`, mode: 0o444 }, value);
  archive.finalize();
  const bytes = await buffer(archive);
  await engine.call("put secrets into a container", async (docker) =>
    docker.getContainer(container).putArchive(bytes, { path: "/" }),
  );
}

interface FinalNo {
  readonly reason: string;
}

/** Null when it runs, or did: one that ends at once has started. */
async function startIt(engine: ContainerEngine, name: string, container: string): Promise<string | null> {
  const start = engine.call<string | null>(
    `start ${name}`,
    async (docker) => {
      await docker.getContainer(container).start();
      return null;
    },
    { 304: () => null, 400: (said) => said, 404: (said) => said },
  );
  try {
    return await start;
  } catch (thrown) {
    const said = messageOf(thrown);
    // Podman says 500 for all that goes wrong; what its runtime said is about this container and not about Podman.
    if (codeOf(thrown) === "target_unreachable" && (isOfTheRuntime(said) || isPortTaken(said))) return said;
    if (/no space left/i.test(said)) throw new FairwayError("disk_full", `no room to start ${name}`, { cause: thrown });
    throw thrown;
  }
}

const isOfTheRuntime = (said: string): boolean =>
  /\b(OCI (runtime|permission)|runc|crun|executable file|exec format|no such file or directory)\b/i.test(said);
const isPortTaken = (said: string): boolean => /address already in use|port is already allocated/i.test(said);
