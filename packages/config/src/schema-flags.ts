import { z } from "zod";
import type { FlagsConfig } from "./project-config.ts";
import { form, text } from "./schema-parts.ts";

/** Where feature flags are kept. */
export const flags: z.ZodType<FlagsConfig> = z
  .strictObject(
    {
      source: z
        .enum(["unleash", "launchdarkly"], { error: 'must be "unleash" or "launchdarkly"' })
        .meta({ description: "Whose flags they are." }),
      url: form(
        /^https?:\/\/[^\s?#@]*[^\s?#@/]$/u,
        'must be a base URL without a slash at its end: "https://unleash.example.com/api"',
      )
        .refine((written) => URL.canParse(written), { error: "must be a URL" })
        .optional()
        .meta({
          description: "Where it answers, without `/api/client` or `/sdk`. LaunchDarkly's own service when left out.",
          examples: ["https://unleash.example.com"],
        }),
      key: z
        .strictObject({ secret: text("must be the name of a secret") }, { error: "must be { secret: NAME }" })
        .meta({
          description:
            "The name of the secret with the key that reads an environment's flags, looked up in that environment: Unleash's backend token, LaunchDarkly's SDK key. An environment without it has no flags.",
          examples: [{ secret: "FLAGS_KEY" }],
        }),
    },
    { error: "must be an object with source and key" },
  )
  .meta({
    id: "FlagsConfig",
    description:
      "Where feature flags are kept whose standing a release records. Without it they are those of Fairway's own store.",
    examples: [{ source: "unleash", url: "https://unleash.example.com", key: { secret: "UNLEASH_TOKEN" } }],
  });
