import type { Digest, RegistryAccess, StopSignal } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ContainerEngine } from "./container-engine.ts";
import type { EngineEvent } from "./registry-at-engine.ts";
import { moveImage, movingTrouble } from "./registry-at-engine.ts";

/**
 * Sends an image to its registry; what the engine says goes to `tell`. Answers with the digest that the engine says it has
 * there, or null. May be repeated: layers that are there are not sent again.
 */
export async function pushImage(
  engine: ContainerEngine,
  name: { readonly image: string; readonly tag: string },
  access: RegistryAccess,
  tell: (line: string) => void,
  signal: StopSignal,
): Promise<Digest | null> {
  const { image, tag } = name;
  const { docker, end } = await engine.forRegistry(access.ca);
  const request = new AbortController();
  const stop = (): void => request.abort();
  signal.addEventListener("abort", stop);
  let digest: Digest | null = null;
  const told = ({ status = "" }: EngineEvent): void => {
    if (status.trim() !== "") tell(status);
    const [, hex] = /\bdigest: sha256:([0-9a-f]{64})\b/.exec(status) ?? [];
    if (hex !== undefined) digest = `sha256:${hex}`;
  };
  try {
    const said = await moveImage(docker, `/images/${image}/push`, { tag }, access, told, request.signal);
    if (signal.aborted) throw new FairwayError("not_allowed_now", `the push of ${image}:${tag} was stopped`);
    if (said !== null) throw movingTrouble(`push ${image}:${tag} to ${access.host}`, said, access.login !== null);
    return digest;
  } finally {
    signal.removeEventListener("abort", stop);
    await end();
  }
}
