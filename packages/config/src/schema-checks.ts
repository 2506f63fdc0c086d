import { z } from "zod";
import type { Command, EnvironmentCheck, Report, SyntheticConfig, Value } from "./project-config.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";

// What is asked of services that run. A command is the simplest; the others are asked by Fairway's own program.

/** Forms that the rest of the schema has, too. */
export interface CheckForms {
  readonly command: z.ZodType<Command>;
  readonly variables: z.ZodType<Record<string, Value>>;
  readonly report: z.ZodType<Report>;
}

const file = text("must be the path of a file in the repository").min(1, {
  error: "must be the path of a file in the repository",
});
const requestPath = form(/^\/(?![/\\])[^\s#]*$/u, 'must be a path that begins with one "/", without spaces and "#"');
const percent = (most: number): z.ZodNumber => {
  const error = `must be a number from 0 to ${most}`;
  return z.number({ error }).min(0, { error }).max(most, { error });
};

const load = z
  .strictObject(
    {
      service: text("must be the name of a service")
        .optional()
        .meta({
          description: "Which service is asked; the address of the environment when left out.",
          examples: ["api"],
        }),
      path: requestPath.optional().meta({ description: "What is asked.", default: "/", examples: ["/api/products"] }),
      connections: wholeNumber(1, 1_000).optional().meta({ description: "At once.", default: 10 }),
      duration: duration(1_000).optional().meta({ description: "How long, of each release.", default: "10s" }),
      p95: duration(1).optional().meta({ description: "The time that 95 of 100 answers may take at most." }),
      p99: duration(1).optional().meta({ description: "The time that 99 of 100 answers may take at most." }),
      errors: percent(100).optional().meta({
        description: "Answers with 4xx or 5xx and requests without an answer that are allowed, in percent.",
        default: 0,
      }),
      slower: percent(10_000)
        .optional()
        .meta({
          description:
            "How much longer than with the release before 95 of 100 answers may take, in percent. Where that one still runs both are asked in turns; else it is compared with what was measured of it here.",
          examples: [20],
        }),
    },
    { error: "must be an object { service, path, connections, duration, p95, p99, errors, slower }" },
  )
  .meta({
    id: "LoadCheck",
    description: "Asks for a time as often as answers come, and holds the answers to limits.",
    examples: [{ path: "/api/products", connections: 20, p95: "200ms", slower: 20 }],
  });

/** A question asked of an environment after its services moved. */
export function environmentCheck(forms: CheckForms): z.ZodType<EnvironmentCheck> {
  const { command, variables, report } = forms;
  const common = {
    timeout: duration(0)
      .optional()
      .meta({ description: "How long it may take.", default: "10m", examples: ["2m"] }),
    env: variables.optional().meta({
      description: "Environment variables for it, and variables of a collection or a journey.",
    }),
    retries: wholeNumber(0, 5).optional().meta({
      description:
        "How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on. `fairway verify` asks once more at least.",
      default: 0,
    }),
  };
  // Nothing of ours runs, so there is nothing to give variables to.
  const { env: _env, ...answered } = common;
  return z
    .union(
      [
        command,
        z.strictObject({
          command,
          ...common,
          cwd: text("must be a path")
            .min(1, { error: 'must be a path; "." is the folder itself' })
            .optional()
            .meta({ description: "Where it runs, relative to the repository.", default: ".", examples: ["web"] }),
          report: report.optional(),
        }),
        z.strictObject({
          collection: file.meta({
            description: "A collection of Postman: a file of the format 2.1, or a folder of the format 3 (Postman 12).",
            examples: ["tests/shop.postman_collection.json"],
          }),
          variables: file.optional().meta({
            description: "A file of an environment of Postman; `env` and the environment's own variables lie over it.",
            examples: ["tests/staging.postman_environment.json"],
          }),
          data: file.optional().meta({ description: "A JSON or CSV file: one iteration for each of its rows." }),
          folder: text("must be the name of a folder").optional().meta({ description: "Only this folder of it." }),
          ...common,
        }),
        z.strictObject({
          http: z
            .union([file, z.array(file).min(1, { error: "must name at least one file" })], {
              error: "must be the path of a file, or a list of them",
            })
            .meta({
              description:
                "Files of requests: `.hurl`, which the program `hurl` runs, or `.http`, which `httpyac` does, where they are installed.",
              examples: ["tests/shop.hurl"],
            }),
          ...common,
        }),
        z.strictObject({
          smoke: z
            .union(
              [
                z.literal(true),
                z.strictObject({
                  path: requestPath
                    .optional()
                    .meta({ description: "What is asked; the path of the health check when left out." }),
                  field: text("must be the name of a field")
                    .optional()
                    .meta({
                      description:
                        "The field of a JSON answer, or the header, that holds the commit; any when left out.",
                      examples: ["gitSha"],
                    }),
                  services: z
                    .array(text("must be the name of a service"), { error: "must be a list of services" })
                    .optional()
                    .meta({ description: "Only these; all that run here when left out." }),
                }),
              ],
              { error: "must be true or { path, field, services }" },
            )
            .meta({ description: "Every replica must answer, and with the commit of the release, its `GIT_SHA`." }),
          ...common,
        }),
        z.strictObject({
          journey: file.meta({
            description:
              "A journey that is made once: YAML or JSON over HTTP, or a JavaScript module whose steps drive a browser.",
            examples: ["tests/checkout.journey.yaml"],
          }),
          ...common,
        }),
        z.strictObject({ load, ...common }),
        z.strictObject({
          alarms: z
            .array(text("must be the name of an alarm").min(1), { error: "must be a list of names" })
            .min(1, { error: "must name at least one" })
            .meta({
              description:
                "Alarms of CloudWatch. One that fires is a no; one that is not there says nothing, which is no yes.",
              examples: [["shop-5xx"]],
            }),
          ...answered,
        }),
        z.strictObject({
          canary: text("must be the name of a canary")
            .min(1)
            .meta({
              description:
                "A canary of CloudWatch Synthetics. Its first run that begins after the question answers it, so `timeout` must be longer than its schedule.",
              examples: ["shop-checkout"],
            }),
          ...answered,
        }),
        z.strictObject({
          scan: z.enum(["critical", "high", "medium", "low"], { error: "must be critical, high, medium or low" }).meta({
            description:
              "What ECR found in the images of the release: from this severity on it is a no. An image that was not scanned yet is.",
            examples: ["high"],
          }),
          ...answered,
        }),
        z.strictObject({
          targets: z.literal("healthy", { error: 'must be "healthy"' }).meta({
            description: "Whether the load balancer of `aws.balancer` calls every replica healthy.",
          }),
          ...answered,
        }),
      ],
      {
        error:
          "must be a command, or an object with one of command, collection, http, smoke, journey, load, alarms, canary, scan and targets",
      },
    )
    .meta({
      id: "EnvironmentCheck",
      description:
        "A question asked of what runs: a command, a collection, requests, a journey, a load; or one that AWS answers.",
      examples: [
        "node smoke.mjs",
        { collection: "tests/shop.postman_collection.json" },
        { smoke: true },
        { load: { path: "/", p95: "200ms" } },
        { alarms: ["shop-5xx"] },
        { scan: "high" },
      ],
    });
}

/** A journey that is made again and again. */
export function synthetic({ variables }: CheckForms): z.ZodType<SyntheticConfig> {
  return z
    .strictObject(
      {
        journey: file.meta({
          description:
            "YAML or JSON over HTTP, or a JavaScript module whose steps drive a browser. Each request bears the release.",
          examples: ["tests/checkout.journey.yaml"],
        }),
        every: duration(1_000)
          .optional()
          .meta({ description: "Between two runs; it is also made after every deployment.", default: "1h" }),
        locations: z
          .array(form(/^[a-z0-9][a-z0-9-]{0,59}$/u, "must be a label of small letters, digits and dashes"), {
            error: "must be a list of labels",
          })
          .min(1, { error: "must name at least one" })
          .optional()
          .meta({
            description:
              "Where it is made from: labels of workers (`fairway worker frankfurt`). The daemon itself is `here`, and what its variable `FAIRWAY_LOCATIONS` names besides. Where nobody has a label the run is missed, and people are told.",
            default: ["here"],
            examples: [["here", "frankfurt"]],
          }),
        timeout: duration(100).optional().meta({
          description: "How long it may take; then it is ended with its browser, and has failed.",
          default: "1m",
        }),
        env: variables.optional().meta({ description: "Variables of the journey." }),
      },
      { error: "must be an object { journey, every, locations, timeout, env }" },
    )
    .meta({
      id: "SyntheticConfig",
      description: "A journey of a user that is made again and again, and whose failing or missing is told to people.",
      examples: [{ journey: "tests/checkout.journey.yaml", every: "1h" }],
    });
}
