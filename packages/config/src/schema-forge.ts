import { z } from "zod";
import type { ForgeConfig } from "./project-config.ts";
import { duration, form, privateRanges, wholeNumber } from "./schema-parts.ts";

const secret = z.strictObject(
  { secret: form(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/u, "must be the name of a secret: letters, digits and _") },
  { error: "must be { secret: NAME }" },
);
const remote = form(/^[A-Za-z0-9][\w.-]{0,99}$/u, "must be the name of a remote, such as origin");
const every = (standard: string) =>
  duration(1000).optional().meta({ description: "Between two looks at its branches.", default: standard });
const workflows = (standard: boolean) =>
  z.boolean({ error: "must be true or false" }).optional().meta({
    description: "Whether `on:` of the repository's GitHub workflow files starts them here.",
    default: standard,
  });

const git = z
  .strictObject(
    {
      remote: remote.optional().meta({
        description: "The remote whose branches are looked at. Without it, the branches of the repository itself.",
        examples: ["origin"],
      }),
      every: every("1m"),
      workflows: workflows(true),
    },
    { error: "must be an object { remote, every, workflows }" },
  )
  .meta({ id: "GitForge", description: "Any git repository: its branches and tags are looked at now and then." });

const app = z
  .strictObject(
    {
      id: wholeNumber(1, Number.MAX_SAFE_INTEGER).meta({ description: "The App's number." }),
      installation: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional().meta({
        description: "Of its installation; asked for when left out.",
      }),
      key: secret.meta({
        description: "The name of the secret with its private key (PEM).",
        examples: [{ secret: "GITHUB_APP_KEY" }],
      }),
    },
    { error: "must be an object { id, installation, key }" },
  )
  .meta({ id: "GitHubApp", description: "A GitHub App that is installed at the repository. Check runs need one." });

const github = z
  .strictObject(
    {
      repository: form(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/u, "must be owner/name").meta({
        description: "Which repository it is.",
        examples: ["acme/shop"],
      }),
      remote: remote.optional().meta({ description: "By which the local repository knows it.", default: "origin" }),
      api: form(
        /^https?:\/\/[^\s?#@]*[^\s?#@/]$/u,
        "must be a base URL without a slash at its end: https://api.github.com",
      )
        .refine((written) => URL.canParse(written), { error: "must be a URL" })
        .optional()
        .meta({
          description: "Where it answers: that of an Enterprise Server ends with `/api/v3`.",
          default: "https://api.github.com",
        }),
      token: secret.optional().meta({
        description: "The name of the secret with a token, where it is no App.",
        examples: [{ secret: "GITHUB_TOKEN" }],
      }),
      app: app.optional(),
      webhookSecret: secret.optional().meta({
        description: "The name of the secret that webhooks are signed with. Without it none are taken.",
        examples: [{ secret: "GITHUB_WEBHOOK_SECRET" }],
      }),
      formerWebhookSecret: secret.optional().meta({
        description: "The one from before, while it is being changed: both are good.",
      }),
      every: every("5m"),
      workflows: workflows(false),
      releases: z.boolean({ error: "must be true or false" }).optional().meta({
        description: "Whether a tag whose release reaches the last environment gets a release at GitHub.",
        default: false,
      }),
      allowPrivate: privateRanges.optional().meta({
        description:
          "Where an Enterprise Server is, as ranges of private addresses. It opens nothing: whoever runs the daemon does, with `fairway up --allow-private`; without this it may be anywhere that they let in.",
        examples: [["10.1.0.0/16"]],
      }),
    },
    { error: "must be an object with repository, and token or app" },
  )
  .meta({
    id: "GitHubForge",
    description: "A repository at GitHub, or at an Enterprise Server of one's own.",
    examples: [
      {
        repository: "acme/shop",
        token: { secret: "GITHUB_TOKEN" },
        webhookSecret: { secret: "GITHUB_WEBHOOK_SECRET" },
      },
    ],
  });

/** Where the repository is kept with others. */
export const forge: z.ZodType<ForgeConfig> = z
  .strictObject({ git: git.optional(), github: github.optional() }, { error: "must be { git } or { github }" })
  .meta({
    id: "ForgeConfig",
    description:
      "Where the repository is kept with others, and what is told there. Secrets are those of the scope `forge` (`secrets/forge.env`). Without it events come from this machine alone: from a hook of git or by the API.",
    examples: [{ git: { remote: "origin" } }],
  });
