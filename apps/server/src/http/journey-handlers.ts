import { Readable } from "node:stream";
import type { ReleaseId } from "@fairway/core";
import type { Control, Store } from "@fairway/engine";
import { listJourneyWorkers } from "@fairway/engine";
import { create } from "tar";
import type { Handlers } from "./http-server.ts";

type JourneyOperations = "journeyWorkers" | "takeJourney" | "tellJourney" | "journeySources";

/** What workers ask that make journeys at places of their own. */
export function journeyHandlers({
  store,
  control,
}: {
  readonly store: Store;
  readonly control: Pick<Control, "journeys">;
}): Pick<Handlers, JourneyOperations> {
  const { journeys } = control;
  return {
    journeyWorkers: async () => [...(await listJourneyWorkers(store))],
    takeJourney: async ({ locations, worker: name, version }) => {
      const taken = await journeys.take({ locations, name, version });
      if (taken === null) return null;
      const { argv, env, secrets, ...work } = taken.work;
      return { ...taken, work: { ...work, argv: [...argv], env: { ...env }, secrets: { ...secrets } } };
    },
    tellJourney: async ({ files, ...told }) => ({
      kept: await journeys.tell({
        ...told,
        files: files.map(({ name, content }) => ({ name, bytes: Buffer.from(content, "base64") })),
      }),
    }),
    journeySources: async ({ release }) => {
      const folder = await journeys.sources(release as ReleaseId);
      // Who unpacks it is nobody that files belong to here.
      const packed = create({ cwd: folder, gzip: true, portable: true }, ["."]);
      return { name: `${release}.tar.gz`, type: "application/gzip", body: Readable.from(packed) };
    },
  };
}
