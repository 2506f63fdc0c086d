import { FairwayError, messageOf } from "@fairway/core";
import type { ContainerEngine } from "./container-engine.ts";
import { engineWords, statusOf } from "./container-engine.ts";

/** How somebody shows at a registry who they are. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** Whether an image is on the machine. */
const hasImage = (engine: ContainerEngine, reference: string): Promise<boolean> =>
  engine.call<boolean>(
    `look for image ${reference}`,
    async (docker) => {
      await docker.getImage(reference).inspect();
      return true;
    },
    { 404: () => false },
  );

/**
 * Takes an image from its registry unless it is there. Null when it is there now, else why it never will be, as a
 * sentence. Throws `target_unreachable` (retryable) when the registry could not be asked.
 */
export async function ensureImage(
  engine: ContainerEngine,
  reference: string,
  login: RegistryLogin | null = null,
): Promise<string | null> {
  if (await hasImage(engine, reference)) return null;
  // Nothing of `localhost` was ever in a registry: it is where Podman puts what was built here.
  if (reference.startsWith("localhost/") || reference.startsWith("sha256:"))
    return `the image ${reference} is not on this machine`;
  const docker = await engine.connected();
  const said = await pull(docker, reference, login);
  // Podman answers with success, and tells in the stream what went wrong.
  if (said === null || (await hasImage(engine, reference))) return null;
  if (isFinal(said)) return `the image ${reference} could not be taken from its registry: ${said}`;
  throw new FairwayError("target_unreachable", `could not take the image ${reference} from its registry: ${said}`, {
    retryable: true,
  });
}

type Docker = Awaited<ReturnType<ContainerEngine["connected"]>>;

/** Null when it is there, else what the engine said. */
async function pull(docker: Docker, reference: string, login: RegistryLogin | null): Promise<string | null> {
  try {
    const stream = await docker.pull(reference, login === null ? {} : { authconfig: { ...login, serveraddress: "" } });
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(stream, (error, events: readonly unknown[]) => {
        const failed = error ?? events.map(errorIn).find((found) => found !== null);
        if (failed) reject(failed instanceof Error ? failed : new Error(String(failed)));
        else resolve();
      }),
    );
    return null;
  } catch (thrown) {
    return statusOf(thrown) === null ? messageOf(thrown) : engineWords(thrown);
  }
}

const errorIn = (event: unknown): Error | null =>
  typeof event === "object" && event !== null && "error" in event ? new Error(String(event.error)) : null;

/** Whether asking again is of no use: registries say so in words of their own. */
const isFinal = (said: string): boolean =>
  /manifest unknown|not found|unauthorized|denied|authentication required|invalid reference|name unknown|short-name|digest/i.test(
    said,
  ) && !/toomanyrequests|timeout|refused|no such host|reset/i.test(said);
