import { z } from "zod";
import { environmentVariableForm } from "./forms.ts";
import type { PreviewsConfig, TimedCommand, Value } from "./project-config.ts";
import { ecsPreviews } from "./schema-ecs-previews.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";

// What previews are like. Which services there are says the commit that is previewed; this is read from the main branch.

const domain = form(
  /^(?=.{1,180}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/u,
  "must be a domain in small letters, without a port",
);
const serviceName = text("must be the name of a service");

/** `previews`: environments for pull requests. */
export const previews = (timedCommand: z.ZodType<TimedCommand>, value: z.ZodType<Value>): z.ZodType<PreviewsConfig> =>
  z
    .strictObject(
      {
        inherits: text("must be the name of an environment")
          .optional()
          .meta({
            description:
              "The environment whose services, routes and variables a preview begins from; without it the first. Its secrets, approvals, freezes and infrastructure are not taken over.",
            examples: ["staging"],
          }),
        domain: domain.optional().meta({
          description:
            "What the names of hosts end with: that of pull request 12 is `pr-12.<domain>`, and a service with a host of its own gets `<service>--pr-12.<domain>`.",
          default: "fairway.localhost",
          examples: ["preview.example.com"],
        }),
        front: serviceName.optional().meta({
          description:
            "The service that answers at the preview's own host; without it the last that has a route, in the order of what depends on what.",
          examples: ["web"],
        }),
        replicas: wholeNumber(1, 100)
          .optional()
          .meta({ description: "No service has more copies than that.", default: 1 }),
        variables: z
          .record(
            form(environmentVariableForm, "must be the name of an environment variable: letters, digits and _"),
            value,
            {
              error: "must be an object of names and values",
            },
          )
          .optional()
          .meta({
            description:
              "Environment variables of every service, over those of the environment. Secrets are those of the scope `previews`, and of no other.",
            examples: [{ PAYMENTS: "sandbox" }],
          }),
        flags: text("must be the name of an environment")
          .optional()
          .meta({
            description: "The environment whose feature flags the services see. Without it they see none.",
            examples: ["staging"],
          }),
        database: z
          .strictObject(
            {
              per: z.enum(["database", "schema"], { error: 'must be "database" or "schema"' }).optional().meta({
                description:
                  "Whether each service with `database: true` gets a database of its own in each preview, or a schema in one.",
                default: "database",
              }),
              copyOf: z
                .record(serviceName, text("must be the name of a database").min(1, { error: "must name a database" }), {
                  error: "must be an object of services and names of databases",
                })
                .optional()
                .meta({
                  description:
                    "By service, a database on the same server that the preview's begins as a copy of. PostgreSQL copies one only while nobody is connected to it. Without it the database is empty, and the migrations make it.",
                  examples: [{ catalog: "catalog_template" }],
                }),
              seed: z
                .record(serviceName, timedCommand, { error: "must be an object of services and commands" })
                .optional()
                .meta({
                  description:
                    "By service, a command that fills a new database, once, after its migrations and before the service starts. It runs in the folder of the artifact, with `DATABASE_URL` and `FAIRWAY_ENVIRONMENT`.",
                  examples: [{ catalog: "node seed.mjs" }],
                }),
            },
            { error: "must be an object { per, copyOf, seed }" },
          )
          .optional()
          .meta({ description: "What the databases of a preview begin as." }),
        ecs: ecsPreviews.optional(),
        pullRequests: z.boolean({ error: "must be true or false" }).optional().meta({
          description: "Whether each pull request gets one; else only who asks with `fairway preview open`.",
          default: true,
        }),
        forks: z.enum(["never", "approve"], { error: 'must be "never" or "approve"' }).optional().meta({
          description:
            "What becomes of pull requests from copies of the repository that others own. `approve`: somebody says yes to each commit before anything of it is read or run, and it gets no secrets.",
          default: "approve",
        }),
        most: wholeNumber(1, 500).optional().meta({
          description: "How many previews there may be at once. Further pull requests wait until one has ended.",
          default: 10,
        }),
        sleepAfter: z
          .union([duration(1000), z.literal(false)], { error: 'must be a span of time such as "30m", or false' })
          .optional()
          .meta({
            description:
              "After this time without a request the replicas are stopped; the next request starts them again. `false`: never. With HAProxy nobody counts requests, and nothing sleeps.",
            default: "30m",
          }),
        endAfter: duration(1000).optional().meta({
          description: "After this time without a request and without a push the preview is taken away.",
          default: "72h",
        }),
      },
      { error: "must be an object that describes previews" },
    )
    .meta({
      id: "PreviewsConfig",
      description:
        "An environment for each pull request, made of all services at its commit, with databases of its own. It is read from the main branch. Without it there are no previews.",
      examples: [{}, { inherits: "staging", domain: "preview.example.com", sleepAfter: "1h" }],
    });
