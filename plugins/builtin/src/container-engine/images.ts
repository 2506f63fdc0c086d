import type { RegistryAccess, RegistryLogin } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ContainerEngine } from "./container-engine.ts";
import type { EngineEvent } from "./registry-at-engine.ts";
import { moveImage } from "./registry-at-engine.ts";

/** What of a registry an engine is told. */
export type PullAccess = Partial<Pick<RegistryAccess, "insecure" | "ca">> & { readonly login: RegistryLogin | null };

const nobody: PullAccess = { login: null };

/** Whether an image is on the machine. */
export const hasImage = (engine: ContainerEngine, reference: string): Promise<boolean> =>
  engine.call<boolean>(
    `look for image ${reference}`,
    async (docker) => {
      await docker.getImage(reference).inspect();
      return true;
    },
    { 404: () => false },
  );

const pulls = new WeakMap<ContainerEngine, Map<string, Promise<string | null>>>();

/**
 * Takes an image from its registry unless it is there; whoever wants the same one meanwhile waits for it too. Null when it
 * is there now, else why it never will be, as a sentence. Throws `target_unreachable` (retryable) when the registry could
 * not be asked.
 */
export async function ensureImage(
  engine: ContainerEngine,
  reference: string,
  access: PullAccess = nobody,
): Promise<string | null> {
  if (await hasImage(engine, reference)) return null;
  // Nothing of `localhost/` was ever in a registry: it is where Podman puts what was built here.
  if (reference.startsWith("localhost/") || reference.startsWith("sha256:"))
    return `the image ${reference} is not on this machine`;
  const underway = pulls.get(engine) ?? new Map<string, Promise<string | null>>();
  pulls.set(engine, underway);
  const pulling =
    underway.get(reference) ?? pulled(engine, reference, access).finally(() => underway.delete(reference));
  underway.set(reference, pulling);
  return pulling;
}

async function pulled(engine: ContainerEngine, reference: string, access: PullAccess): Promise<string | null> {
  const said = await pull(engine, reference, access);
  if (said === null || (await hasImage(engine, reference))) return null;
  const words = wordsWithout(said, access.login);
  if (isFinal(words)) return `the image ${reference} could not be taken from its registry: ${words}`;
  throw new FairwayError("target_unreachable", `could not take the image ${reference} from its registry: ${words}`, {
    retryable: true,
  });
}

/** Null when it is there, else what the engine said. */
async function pull(
  engine: ContainerEngine,
  reference: string,
  { login, insecure = false, ca = null }: PullAccess,
): Promise<string | null> {
  const { docker, end } = await engine.forRegistry(ca);
  const nothing = (_event: EngineEvent): void => undefined;
  try {
    // Podman's imitation of Docker's call cannot be told to do without TLS; its own call can.
    if (insecure && (await isPodman(docker)))
      return await moveImage(docker, "/v4.0.0/libpod/images/pull", { reference }, { insecure, login }, nothing);
    return await moveImage(docker, "/images/create", { fromImage: reference }, { insecure: false, login }, nothing);
  } finally {
    await end();
  }
}

async function isPodman(docker: Awaited<ReturnType<ContainerEngine["connected"]>>): Promise<boolean> {
  const version = (await docker.version()) as { readonly Components?: readonly { readonly Name: string }[] };
  return (version.Components ?? []).some(({ Name }) => /podman/i.test(Name));
}

/** No engine was seen to say a password; should one, nobody reads it. */
const wordsWithout = (said: string, login: RegistryLogin | null): string =>
  login === null || login.password === "" ? said : said.replaceAll(login.password, "***");

/** Whether asking again is of no use: registries say so in words of their own. */
const isFinal = (said: string): boolean =>
  /manifest unknown|not found|unauthorized|denied|authentication required|invalid reference|name unknown|short-name|digest|x509/i.test(
    said,
  ) && !/toomanyrequests|timeout|refused|no such host|reset/i.test(said);
