import { z } from "zod";
import { timestamp } from "./timestamp.ts";

/** The addresses of the contracts of an environment. */
export const contractsShape = z
  .object({
    environment: z.string(),
    services: z.array(
      z.object({
        service: z.string(),
        versions: z
          .array(
            z.object({
              version: z.number(),
              release: z.string(),
              at: timestamp,
              contracts: z.array(
                z.object({
                  name: z.string(),
                  kind: z.string(),
                  chain: z.number(),
                  address: z.string(),
                  implementation: z.string().nullable().describe("What a proxy or beacon leads to"),
                  args: z
                    .array(z.string())
                    .readonly()
                    .optional()
                    .describe("What its constructor was given, with addresses in the place of names"),
                  codeHash: z.string().describe("Keccak-256 of the code, without what its constructor fills in"),
                  metadataHash: z.string().nullable().describe("Of its sources and settings, as the compiler wrote it"),
                }),
              ),
            }),
          )
          .describe("Newest first; each is of one deployment, and none is ever changed"),
        drift: z
          .object({ differences: z.array(z.string()), at: timestamp })
          .nullable()
          .describe("What the last look found to differ on the chain; null before the first"),
      }),
    ),
  })
  .meta({ id: "Contracts" });
export type ContractsShape = z.output<typeof contractsShape>;
