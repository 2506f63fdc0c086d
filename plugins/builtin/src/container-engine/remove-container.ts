import type { ContainerEngine } from "./container-engine.ts";

/** Ends a container by force and takes it away with its unnamed volumes. Does nothing when there is none. */
export const removeContainer = (engine: ContainerEngine, container: string): Promise<void> =>
  engine.call<void>(
    "remove a container",
    async (docker) => void (await docker.getContainer(container).remove({ force: true, v: true })),
    // 409: somebody else is removing it.
    { 404: () => undefined, 409: () => undefined },
  );
