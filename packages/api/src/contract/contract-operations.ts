import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { contractsShape } from "../shapes/contracts.ts";
import { environmentName } from "./inputs.ts";

/** Smart contracts. */
export const contractOperations = {
  contracts: {
    ...routes.contracts,
    summary: "The addresses of an environment's smart contracts, by version, and whether the chain agrees.",
    access: "read",
    params: environmentName,
    query: z.object({}),
    body: null,
    answer: contractsShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;
