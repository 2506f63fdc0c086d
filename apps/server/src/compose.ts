import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EnsuredRouter, LocalRouter, ProcessHost } from "@fairway/builtin";
import { ensureRouter, envFileSecrets, gitRepository, localRouter, processHost } from "@fairway/builtin";
import type { Repository, SecretSource } from "@fairway/core";
import { driven, scopeOf } from "@fairway/core";
import type { DataDirectory, Place, Places } from "@fairway/engine";
import type { DaemonOptions } from "./daemon-options.ts";
import { routerDirectory } from "./router-directory.ts";

/** The plugins of this daemon, by the ports they implement. The one place that names them. */
export interface Composition {
  readonly repository: Repository;
  readonly secrets: SecretSource;
  readonly places: Places;
  readonly host: ProcessHost;
  readonly router: EnsuredRouter;
  readonly traffic: LocalRouter;
}

/** While replicas start it is added to every deployment, so it is short; a look costs well under a millisecond. */
const lookAgain = 25;

/** Opens what the machine offers: git, secrets from files, processes, and the router. */
export async function compose(
  options: DaemonOptions,
  data: DataDirectory,
  databaseUrl: Places["databaseUrl"],
  tell: (message: string) => void,
): Promise<Composition> {
  const directory = await routerDirectory(data.router);
  const router = await ensureRouter({
    directory,
    publicAddress: `${options.routerHost}:${options.routerPort}`,
    internalAddress: `127.0.0.1:${options.internalPort}`,
    program: fileURLToPath(import.meta.resolve("@fairway/router/main")),
    log: join(data.root, "router.log"),
  });
  const traffic = localRouter({ directory });
  const host = processHost({ directory: data.replicas, tell });
  return {
    repository: gitRepository({ path: options.repository }),
    secrets: envFileSecrets(data.secrets),
    host,
    router,
    traffic,
    places: {
      targetOf: (place) => processTarget(place, host, traffic),
      replicasOf: (environment, service) => host.forService(environment, service).list(),
      highestEpoch: async () => Math.max(0, ...Object.values((await traffic.read()).routes).map(({ epoch }) => epoch)),
      internalUrl: (environment, service) => `http://${router.internalAddress}/${scopeOf(environment, service)}`,
      publicUrl: (name, path) => `http://${name}${portSuffix(router.publicAddress)}${path}`,
      databaseUrl,
    },
  };
}

const processTarget = (place: Place, host: ProcessHost, router: LocalRouter): ReturnType<typeof driven> =>
  driven({
    host: host.forService(place.environment, place.service),
    router,
    route: place.route,
    specOf: place.specOf,
    stop: place.stop,
    lookAgain,
  });

const portSuffix = (address: string): string => {
  const port = address.slice(address.lastIndexOf(":"));
  return port === ":80" ? "" : port;
};
