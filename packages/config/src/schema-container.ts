import { pinnedImage } from "@fairway/core";
import { z } from "zod";
import type { Container } from "./project-config.ts";
import { form, text, wholeNumber } from "./schema-parts.ts";

const imageForm = "must be an image by its digest: registry.example.com/api@sha256:…";
const relativePath = text("must be a path").min(1, { error: 'must be a path; "." is the folder itself' });

/** How a service runs in a container. */
export const container: z.ZodType<Container> = z
  .strictObject(
    {
      image: z
        .string({ error: imageForm })
        .refine((written) => pinnedImage(written) !== null, { error: imageForm })
        .optional()
        .meta({
          description: "An image that is there already, by its digest. Without it one is built.",
          examples: [`registry.example.com/api@sha256:${"0".repeat(64)}`],
        }),
      dockerfile: relativePath
        .optional()
        .meta({ description: "Relative to the context.", default: "Dockerfile", examples: ["Containerfile"] }),
      context: relativePath.optional().meta({
        description: "The folder that is sent to the build, relative to the service's folder.",
        default: ".",
      }),
      args: z
        .record(text("must be the name of a build argument"), z.string({ error: "must be a text" }), {
          error: "must be an object of names and texts",
        })
        .optional()
        .meta({
          description: "Build arguments. No secrets: they can be read in the image.",
          examples: [{ BASE: "node:20" }],
        }),
      platforms: z
        .array(form(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/u, 'must be a platform such as "linux/arm64"'), {
          error: 'must be a list such as ["linux/amd64", "linux/arm64"]',
        })
        .nonempty({ error: "must name at least one" })
        .optional()
        .meta({
          description:
            "What it is built for; the engine's own platform when left out. Several make one image of all, and need a registry.",
          examples: [["linux/amd64", "linux/arm64"]],
        }),
      port: wholeNumber(1, 65_535)
        .optional()
        .meta({
          description: "Where its program always listens. Left out for one that heeds `PORT`.",
          examples: [3000],
        }),
      secretFiles: z.boolean({ error: "must be true or false" }).optional().meta({
        description:
          "Secrets and `DATABASE_URL` are files in `/run/secrets`, and not in its environment, which whoever may use the engine can read: `TOKEN_FILE` says where the one of `TOKEN` is.",
        default: false,
      }),
    },
    { error: "must be an object { image } or { dockerfile, context, args, platforms }, with port" },
  )
  .meta({
    id: "Container",
    description:
      "Runs the service in a container of an engine of this machine (`fairway up --container-engine`). With `run` that command is started in it, else the image's own.",
    examples: [{}, { dockerfile: "Containerfile", args: { BASE: "node:20" }, port: 3000 }],
  });
