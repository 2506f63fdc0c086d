import { imageNameOf } from "@fairway/core";
import { z } from "zod";
import type { Registry } from "./project-config.ts";
import { form, text, wholeNumber } from "./schema-parts.ts";

const serverForm = 'must be a host, and a path where there is one, without https://: "registry.example.com/shop"';
const secretForm = "must be { secret: NAME }";
const absolutePath = form(
  /^\/./u,
  'must be an absolute path on the daemon\'s machine, such as "/etc/ssl/registry-ca.pem"',
);

const secret = z.strictObject({ secret: text("must be the name of a secret") }, { error: secretForm });

/** The registry that images go through. */
export const registry: z.ZodType<Registry> = z
  .strictObject(
    {
      server: z
        .string({ error: serverForm })
        .regex(/^[a-z0-9.[\]:-]+(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/u, { error: serverForm })
        .refine((written) => imageNameOf(`${written}/x`) !== null, { error: serverForm })
        .meta({
          description: "What the name of every image begins with; the service's name follows.",
          examples: ["registry.example.com/shop", "127.0.0.1:5000"],
        }),
      username: z
        .union([z.string(), secret], { error: `must be a text, or ${secretForm.slice("must be ".length)}` })
        .optional()
        .meta({ description: "Who we are there; secrets are those of builds (`secrets/build.env`)." }),
      password: secret.optional().meta({
        description: "The name of the secret with the password or token.",
        examples: [{ secret: "REGISTRY_PASSWORD" }],
      }),
      ca: absolutePath.optional().meta({
        description:
          "File with the certificate of its authority (PEM), where not everybody trusts it. Without it `FAIRWAY_REGISTRY_CA` of the daemon counts.",
      }),
      insecure: z
        .boolean({ error: "must be true or false" })
        .optional()
        .meta({ description: "Plain HTTP, for a registry at this machine's loopback.", default: false }),
      keep: wholeNumber(1, 10_000)
        .optional()
        .meta({
          description:
            "Of how many of the newest releases the images stay in the registry, besides those that an environment runs or may go back to. Without it nothing is deleted there.",
          examples: [50],
        }),
    },
    { error: "must be an object with server" },
  )
  .meta({
    id: "Registry",
    description:
      "Where images are pushed to and pulled from, by digest: any OCI registry. Without it images stay in the engine of the machine that built them.",
    examples: [
      { server: "registry.example.com/shop", username: "ci", password: { secret: "REGISTRY_PASSWORD" } },
      { server: "127.0.0.1:5000/shop", insecure: true },
    ],
  });
