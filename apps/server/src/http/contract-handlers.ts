import type { ContractsShape } from "@fairway/api";
import type { Store } from "@fairway/engine";
import { contractDrift, contractVersions, servicesWithContracts } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** Smart contracts, from the record. */
export const contractHandlers = ({ store }: { readonly store: Store }): Pick<Handlers, "contracts"> => ({
  contracts: async ({ environment }) => {
    const drift = await contractDrift(store, environment);
    const services = (await servicesWithContracts(store, environment)).map(async (service) => {
      const found = drift.find((one) => one.service === service);
      return {
        service,
        versions: (await contractVersions(store, environment, service)).map(({ version, release, at, contracts }) => ({
          ...{ version, release, at },
          contracts: contracts.map((one) => ({ ...one })),
        })),
        drift: found === undefined ? null : { differences: [...found.differences], at: found.at },
      };
    });
    return { environment, services: await Promise.all(services) } satisfies ContractsShape;
  },
});
