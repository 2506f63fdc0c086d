import { z } from "zod";
import { nameForm } from "./forms.ts";
import type { NetlifyConfig, VercelConfig } from "./project-config.ts";
import { duration, form, text } from "./schema-parts.ts";

// Platforms that serve what a release has built.

const name = form(nameForm, "must be a name of small letters, digits and dashes that begins with a letter");
const id = (must: string): z.ZodString => form(/^[\w.-]{1,100}$/u, must);
const host = form(
  /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z\d-]*[a-z\d]$/iu,
  'must be a domain such as "shop.example.com"',
);
const address = (must: string) =>
  form(/^https?:\/\/[^\s@]+$/u, must).refine((written) => URL.canParse(written), { error: must });

const token = (of: string) =>
  z
    .strictObject({ secret: text("must be the name of a secret").min(1) }, { error: "must be { secret: NAME }" })
    .meta({ description: `The name of the secret with ${of}.`, examples: [{ secret: "VERCEL_TOKEN" }] });

const api = (usual: string) =>
  address('must be an address such as "https://api.example.com"')
    .optional()
    .meta({ description: "Where its API answers.", default: usual });

const poll = duration(50).optional().meta({ description: "Between two looks at what it does.", default: "2s" });

const headers = z
  .record(
    form(/^\/\S*$/u, 'must be a path such as "/"'),
    z.record(
      form(/^[a-z\d-]+$/iu, "must be the name of a header"),
      z.union([text().min(1), z.array(text().min(1)).min(1)], {
        error: "must be what the header has, or a list of what it may be",
      }),
      { error: "must be an object of headers" },
    ),
    { error: "must be an object of paths" },
  )
  .optional()
  .meta({
    description:
      "What pages must answer with once the release has its address, or the old one is brought back: a text is what the header has, its parts between commas in any order; of a list it is one.",
    examples: [{ "/": { "x-vercel-cache": ["HIT", "STALE", "PRERENDER"] } }],
  });

const url = address('must be an address such as "https://shop.example.com"').optional().meta({
  description: "Where pages are asked for their `headers`. The first of the service's addresses when left out.",
});

const vercelService = z
  .strictObject(
    {
      project: id("must be a project's id or name")
        .optional()
        .meta({
          description:
            "The project on Vercel, which is there already. The name of Fairway's own service when left out.",
          examples: ["blockbuilders"],
        }),
      target: z.enum(["production", "preview"], { error: "must be production or preview" }).optional().meta({
        description:
          "Whose variables of the project a deployment gets. With `preview` its `domains` are assigned as aliases.",
        default: "production",
      }),
      domains: z
        .array(host, { error: "must be a list of domains" })
        .optional()
        .meta({
          description:
            "What must lead to the release before it is called deployed. The project's production domains when left out.",
          examples: [["blockbuilders.app"]],
        }),
      needs: z
        .array(form(/^[A-Z_a-z]\w*$/u, "must be the name of a variable"), { error: "must be a list of names" })
        .optional()
        .meta({
          description:
            "Variables that the project on Vercel must have for this target. Without them nothing is deployed.",
          examples: [["DATABASE_URL"]],
        }),
      headers,
      url,
    },
    { error: "must be an object { project, target, domains, needs, headers, url }" },
  )
  .meta({ id: "VercelServiceConfig", description: "One service as Vercel has it." });

/** Which services of an environment run on Vercel. */
export const vercel: z.ZodType<VercelConfig> = z
  .strictObject(
    {
      token: token("a token of Vercel that may deploy the projects"),
      team: id("must be a team's id or slug")
        .optional()
        .meta({
          description:
            "The team that the projects belong to, by its id or slug. The token's own account when left out.",
          examples: ["team_a1b2c3"],
        }),
      api: api("https://api.vercel.com"),
      poll,
      services: z.record(name, vercelService, { error: "must be an object of services" }).meta({
        description: "What runs there, by name. What is not named runs where it did.",
        examples: [{ web: {} }],
      }),
    },
    { error: "must be an object with token and services" },
  )
  .meta({
    id: "VercelConfig",
    description:
      "Services whose artifact is a `.vercel/output`, which Vercel serves. It is built once, with the release, and never again.",
    examples: [{ token: { secret: "VERCEL_TOKEN" }, services: { web: { project: "blockbuilders" } } }],
  });

const netlifyService = z
  .strictObject(
    {
      site: id("must be a site's id or address").meta({
        description: "The site on Netlify, which is there already, by its id or address.",
        examples: ["blockbuilders.netlify.app"],
      }),
      branch: form(/^[a-z\d](?:[a-z\d-]{0,35}[a-z\d])?$/u, "must be small letters, digits and dashes, at most 37")
        .optional()
        .meta({
          description:
            "The release answers at `<branch>--<site>` and the site itself stays what it is. Without it the release is published.",
          examples: ["staging"],
        }),
      headers,
      url,
    },
    { error: "must be an object { site, branch, headers, url }" },
  )
  .meta({ id: "NetlifyServiceConfig", description: "One service as Netlify has it." });

/** Which services of an environment run on Netlify. */
export const netlify: z.ZodType<NetlifyConfig> = z
  .strictObject(
    {
      token: token("a personal access token of Netlify"),
      api: api("https://api.netlify.com/api/v1"),
      poll,
      services: z.record(name, netlifyService, { error: "must be an object of services" }).meta({
        description: "What runs there, by name. What is not named runs where it did.",
        examples: [{ web: { site: "blockbuilders.netlify.app" } }],
      }),
    },
    { error: "must be an object with token and services" },
  )
  .meta({
    id: "NetlifyConfig",
    description:
      "Services whose artifact is a folder of files, which Netlify serves. In the environment that previews inherit from it gives every pull request an address there.",
    examples: [{ token: { secret: "NETLIFY_TOKEN" }, services: { web: { site: "blockbuilders.netlify.app" } } }],
  });
