import { reportFormats, reportTools } from "@fairway/core";
import { z } from "zod";
import { commandWords } from "./command-words.ts";
import { bytesForm, bytesOf } from "./bytes.ts";
import { millisOf } from "./duration.ts";
import { environmentVariableForm, hostForm, httpPathForm, nameForm, programForm, secretForm } from "./forms.ts";
import type { ProjectConfig } from "./project-config.ts";
import { aws } from "./schema-aws.ts";
import { environmentCheck, synthetic } from "./schema-checks.ts";
import { chain, contracts } from "./schema-contracts.ts";
import { container } from "./schema-container.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";
import { flags } from "./schema-flags.ts";
import { forge } from "./schema-forge.ts";
import { ecs } from "./schema-ecs.ts";
import { netlify, vercel } from "./schema-hosted.ts";
import { infrastructure } from "./schema-infrastructure.ts";
import { migrations } from "./schema-migrations.ts";
import { noticeChannel } from "./schema-notices.ts";
import { previews } from "./schema-previews.ts";
import { approvals, freezes, notice } from "./schema-protection.ts";
import { provenance } from "./schema-provenance.ts";
import { registry } from "./schema-registry.ts";
import { strategy } from "./schema-strategy.ts";
import { onlyFrom, trigger } from "./schema-triggers.ts";

// The shape that a user writes, whole in one file but for the parts that stand alone: it is read beside the reference,
// which is made from it. Every message is the end of a sentence that begins with the key, and the prose in
// `meta` is the reference, the editor's help and the comments of `project-config.ts`: all three are generated from it.

const name = form(nameForm, "must be a name of small letters, digits and dashes that begins with a letter, 40 at most");
const span = duration(1);
const wait = duration(0);

const command = z
  .union(
    [
      z.string().superRefine((written, context) => {
        const split = commandWords(written);
        if ("problem" in split)
          context.addIssue({
            code: "custom",
            message: split.problem,
            params: { code: split.code, fix: split.fix },
            continue: false,
          });
      }),
      z
        .array(text("must be a text, like every word of a command"))
        .min(1, { error: "must name a program" })
        .refine((words) => words[0] !== "", { error: "must name a program" }),
    ],
    { error: 'must be a command: "node server.mjs" or ["node", "server.mjs"]' },
  )
  .meta({
    id: "Command",
    description:
      'A program and its arguments: a text that is split at spaces and quotes, or a list that is taken as it is. There is no shell: pipes, `&&`, `$VARIABLES` and redirections are refused. Whoever wants one asks for it: `["bash", "-c", "…"]`.',
    examples: ["node server.mjs", ["python3", "-m", "app"]],
  });

const value = z
  .union(
    [
      text('must be a text, or { secret: "NAME" }').refine((written) => !written.includes("\0"), {
        error: "must not contain the character NUL",
      }),
      z.strictObject({
        secret: form(secretForm, "must be the name of a secret: letters, digits and _").meta({
          description: "The name of a secret; its value is looked up when a process starts and is never written down.",
          examples: ["API_KEY"],
        }),
      }),
    ],
    { error: 'must be a text, or { secret: "NAME" }' },
  )
  .meta({
    id: "Value",
    description: "The value of an environment variable, in the open or by the name of a secret.",
    examples: ["info", { secret: "API_KEY" }],
  });

const variables = z.record(
  form(environmentVariableForm, "must be the name of an environment variable: letters, digits and _"),
  value,
  { error: "must be an object of names and values" },
);

const relativePath = text("must be a path").min(1, { error: 'must be a path; "." is the folder itself' });

const timedCommand = z
  .union(
    [
      command,
      z.strictObject({
        command,
        timeout: span.optional().meta({
          description: "How long it may take. Checks get 10 minutes, preparing and build commands 20.",
          examples: ["2m"],
        }),
        cwd: relativePath
          .optional()
          .meta({ description: "Where it runs, relative to the service's folder.", default: ".", examples: ["web"] }),
        env: variables.optional().meta({ description: "Environment variables for this command." }),
      }),
    ],
    { error: 'must be a command: "npm test", ["npm", "test"] or { command, timeout, cwd, env }' },
  )
  .meta({
    id: "TimedCommand",
    description: "A command, alone or with the time, the folder and the variables it gets.",
    examples: ["npm test", { command: "npm test", timeout: "2m" }],
  });

const programs = z.array(form(programForm, "must be the name of a program, without a path"), {
  error: "must be a list of programs",
});

const report = z
  .union(
    [
      z.enum(reportTools, { error: "must be the name of a tool" }),
      z.strictObject({
        format: z
          .enum(reportFormats, { error: `must be one of ${reportFormats.join(", ")}` })
          .meta({ description: "What the file is." }),
        file: relativePath.meta({
          description: "The file that the command writes, relative to where it runs.",
          examples: ["reports/junit.xml"],
        }),
      }),
    ],
    { error: `must be one of ${reportTools.join(", ")}, or { format, file }` },
  )
  .meta({
    id: "Report",
    description:
      "Whose findings are shown with file and line: a tool that Fairway asks for its report itself, or a file that the command writes. Then the answer is what the tool's exit codes mean, and a report that is missing or cannot be read is no yes.",
    examples: ["eslint", { format: "sarif", file: "scan.sarif" }],
  });

const serviceCheck = z
  .union(
    [
      command,
      z.strictObject({
        command,
        timeout: span.optional().meta({ description: "How long it may take.", default: "10m", examples: ["2m"] }),
        cwd: relativePath
          .optional()
          .meta({ description: "Where it runs, relative to the service's folder.", default: ".", examples: ["web"] }),
        env: variables.optional().meta({ description: "Environment variables for this command." }),
        needs: z
          .array(text("must be the name of a check"), { error: "must be a list of names of checks" })
          .optional()
          .meta({
            description: "Checks of the same service that must have said yes before it begins.",
            examples: [["compile"]],
          }),
        requires: programs.optional().meta({
          description:
            "Programs that must be on the PATH. Where one is absent the check is left out, and the run says so.",
          examples: [["ruff"]],
        }),
        report: report.optional(),
      }),
    ],
    {
      error:
        'must be a command: "npm test", ["npm", "test"] or { command, timeout, cwd, env, needs, requires, report }',
    },
  )
  .meta({
    id: "CheckConfig",
    description: "A command that is asked for a yes or a no, alone or with what it gets, waits for and reports.",
    examples: ["npm test", { command: "ruff check .", report: "ruff" }],
  });

const checkForms = { command, variables, report };

const serviceChecks = z.record(name, serviceCheck, { error: "must be an object of names and commands" });

const httpPath = form(httpPathForm, 'must be a path that begins with one "/", without spaces and "#"');

const health = z
  .union(
    [
      httpPath,
      z.strictObject({
        path: httpPath.optional().meta({ description: "The path that is asked.", default: "/healthz" }),
        interval: span.optional().meta({ description: "Between two questions to a ready replica.", default: "1s" }),
        timeout: span.optional().meta({ description: "For one answer.", default: "2s" }),
        startWithin: span
          .optional()
          .meta({ description: "From the start of the process to its first good answer.", default: "30s" }),
      }),
    ],
    { error: 'must be a path such as "/healthz", or { path, interval, timeout, startWithin }' },
  )
  .meta({
    id: "Health",
    description:
      "How a replica is asked whether it is well: a path, or an object. Any 2xx answer is a yes. A replica gets no traffic before its first yes.",
    examples: ["/healthz", { path: "/up", startWithin: "1m" }],
  });

const replicas = wholeNumber(0, 100);

const leastMemory = 16 * 1024 ** 2;

const memory = z
  .string({ error: 'must be a size such as "256MiB" or "1GiB"' })
  .regex(bytesForm, { error: 'must be a size such as "256MiB" or "1GiB"' })
  .refine((written) => (bytesOf(written) ?? leastMemory) >= leastMemory, { error: "must be at least 16MiB" });

const cpus = z
  .number({ error: "must be a number of processors from 0.05 to 1024" })
  .min(0.05, { error: "must be a number of processors from 0.05 to 1024" })
  .max(1024, { error: "must be a number of processors from 0.05 to 1024" });

const limits = z
  .strictObject(
    {
      memory: memory.optional().meta({
        description: "Of all processes of a replica together. One that uses more is ended and replaced.",
        examples: ["256MiB"],
      }),
      cpus: cpus.optional().meta({
        description: "Processors, also a part of one. A replica that wants more is slowed down.",
        examples: [0.5],
      }),
      files: wholeNumber(32, 1_048_576)
        .optional()
        .meta({ description: "Open files and connections of each process.", examples: [1024] }),
    },
    { error: "must be an object { memory, cpus, files }" },
  )
  .meta({
    id: "Limits",
    description:
      "The most that one replica may use. Enforced by the kernel where Fairway may make control groups; `fairway doctor` says what can be enforced on this machine.",
    examples: [{ memory: "256MiB", cpus: 0.5 }],
  });

const names = (what: string): z.ZodArray<z.ZodString> =>
  z.array(text(`must be the name of ${what}`), { error: `must be a list of names, each of ${what}` });

const fallback = relativePath.optional().meta({
  description: "The file that answers for every unknown page, as single-page applications need it.",
  examples: ["index.html"],
});

const staticSite = z
  .union([z.boolean(), z.strictObject({ fallback })], { error: "must be true, false or { fallback }" })
  .meta({
    id: "Static",
    description:
      "The artifact is files, or a `.vercel/output` of files, and Fairway serves them: hashed names for ever, pages asked for again and shown meanwhile. In the place of `run`.",
    examples: [true, { fallback: "index.html" }],
  });

const service = z
  .strictObject(
    {
      path: relativePath.optional().meta({
        description: "The service's folder, relative to the repository.",
        default: ".",
        examples: ["services/api-gateway"],
      }),
      dependsOn: names("a service")
        .optional()
        .meta({ description: "Services that must run the new release before this one.", examples: [["catalog"]] }),
      requires: programs.optional().meta({
        description:
          "Programs that must be on the PATH. Where one is absent the service is left out, and the run says so.",
        examples: [["python3"]],
      }),
      prepare: z
        .array(timedCommand, { error: "must be a list of commands" })
        .optional()
        .meta({
          description: "Run in the fresh checkout before checks and build: installing what they need.",
          examples: [["npm ci"]],
        }),
      checks: serviceChecks.optional().meta({
        description:
          "Questions asked of the source, by name. All must say yes before it becomes part of a release. They run beside each other, as many as there are processors; one that was green for the same inputs is skipped, but for a tag.",
        examples: [{ test: "node --test", lint: { command: "ruff check .", report: "ruff" } }],
      }),
      build: z
        .strictObject({
          commands: z
            .array(timedCommand, { error: "must be a list of commands" })
            .optional()
            .meta({
              description:
                "Run one after the other in the service's folder. Without any, the folder itself is the artifact.",
              examples: [["npm run build"]],
            }),
          output: relativePath.optional().meta({
            description: "The folder that becomes the artifact, relative to the service's folder.",
            default: ".",
            examples: ["dist"],
          }),
          inputs: z
            .array(relativePath, { error: "must be a list of paths" })
            .min(1, { error: 'must name at least one path; ["."] is the whole repository' })
            .optional()
            .meta({
              description:
                "What the artifact depends on, relative to the repository. When none of it changed, the artifact is taken over.",
              default: ["."],
              examples: [["services/api-gateway", "shared"]],
            }),
        })
        .optional()
        .meta({ id: "Build", description: "How the service's artifact is made." }),
      run: command.optional().meta({
        description:
          "Starts one replica, in the artifact's folder. It listens on `PORT`. Without it the service is checked and built, and not deployed.",
      }),
      static: staticSite.optional(),
      container: container.optional(),
      contracts: contracts.optional(),
      health: health.optional(),
      stop: z
        .strictObject({
          drain: wait.optional().meta({ description: "For the requests that are still open.", default: "30s" }),
          grace: wait.optional().meta({ description: "From SIGTERM to SIGKILL.", default: "30s" }),
        })
        .optional()
        .meta({ id: "Stop", description: "How a replica is ended: no new requests, then the drain, then SIGTERM." }),
      replicas: replicas
        .optional()
        .meta({ description: "How many copies run; an environment may say otherwise.", default: 1, examples: [3] }),
      limits: limits.optional(),
      strategy: strategy.optional(),
      env: variables.optional().meta({
        description: "Environment variables of every replica; an environment's are laid over them.",
        examples: [{ LOG_LEVEL: "info", API_KEY: { secret: "API_KEY" } }],
      }),
      database: z.boolean({ error: "must be true or false" }).optional().meta({
        description: "Gives the service a database of its own in each environment, by `DATABASE_URL`.",
        default: false,
      }),
      migrations: migrations(timedCommand).optional(),
    },
    { error: "must be an object that describes a service" },
  )
  .meta({ id: "ServiceConfig", description: "One deployable of the project." });

const route = z
  .strictObject(
    {
      host: form(hostForm, 'must be a host name in small letters, without a port, or "*"').meta({
        description: "The host name; `*` takes what no other host takes.",
        examples: ["shop.example.com"],
      }),
      path: httpPath
        .optional()
        .meta({ description: "A prefix: `/api` takes `/api` and `/api/x`, not `/apix`.", default: "/" }),
    },
    { error: "must be an object { host, path }" },
  )
  .meta({ id: "Route", description: "Which requests belong to a service. The longest path wins." });

const requestRateError = "must be an object { perSecond, burst }";
const perSecondError = "must be a number from 0.001 to 1000000";

const requestRate = z
  .strictObject(
    {
      perSecond: z
        .number({ error: perSecondError })
        .min(0.001, { error: perSecondError })
        .max(1_000_000, { error: perSecondError })
        .meta({ description: "In the long run.", examples: [10] }),
      burst: wholeNumber(1, 1_000_000).meta({ description: "At once.", examples: [50] }),
    },
    { error: requestRateError },
  )
  .meta({ description: "How often one client address of the public may ask. More is answered 429." });

const mostBytes = 1024 ** 4;

function size(least: number): z.ZodType<string | number> {
  const error = 'must be a size such as "64KiB" or "10MiB", or a number of bytes';
  const bounds = `must be from ${least} bytes to 1024GiB`;
  return z
    .union([z.number({ error }).int({ error }), z.string({ error }).regex(bytesForm, { error })], { error })
    .refine((written) => sizeOf(written) >= least && sizeOf(written) <= mostBytes, { error: bounds });
}

const sizeOf = (written: string | number): number => (typeof written === "number" ? written : (bytesOf(written) ?? 0));

const longestAnswer = 24 * 3_600_000;
const isWholeWithin = (millis: number, most: number): boolean => Number.isInteger(millis) && millis <= most;

const requests = z
  .strictObject(
    {
      requestRate: requestRate.optional(),
      bodyBytes: size(0)
        .optional()
        .meta({ description: "The longest request body. A longer one is answered 413.", examples: ["10MiB"] }),
      headBytes: size(256)
        .optional()
        .meta({ description: "The longest request head. A longer one is answered 431.", examples: ["8KiB"] }),
      answerWithin: span
        .refine((written) => isWholeWithin(millisOf(written) ?? 0, longestAnswer), {
          error: "must be whole milliseconds, at most 24h",
        })
        .optional()
        .meta({
          description: "From the whole request to the head of the answer. Later is answered 504.",
          examples: ["30s"],
        }),
    },
    { error: "must be an object { requestRate, bodyBytes, headBytes, answerWithin }" },
  )
  .meta({
    id: "Requests",
    description:
      "What may be asked of a service, where that is less than the router allows. HAProxy does not hold anybody to it.",
    examples: [{ requestRate: { perSecond: 10, burst: 50 }, bodyBytes: "10MiB" }],
  });

const placement = z
  .strictObject(
    {
      enabled: z
        .boolean({ error: "must be true or false" })
        .optional()
        .meta({ description: "Whether the service runs here at all.", default: true }),
      replicas: replicas.optional().meta({ description: "How many copies run here." }),
      strategy: strategy.optional(),
      chain: chain(value).optional(),
      env: variables.optional().meta({ description: "Environment variables for this service, here." }),
      routes: z
        .array(route, { error: "must be a list of routes" })
        .optional()
        .meta({
          description:
            "Where the public reaches it. Without: `<service>.<environment>.localhost`. An empty list keeps it to the other services.",
          examples: [[{ host: "shop.example.com", path: "/api" }]],
        }),
      requests: requests.optional(),
      httpsOnly: z.boolean({ error: "must be true or false" }).optional().meta({
        description:
          "Sends requests in the clear to the same place over TLS: to the router's `--tls-port`, or to 443 without one. HAProxy does not.",
        default: false,
      }),
    },
    { error: "must be an object that describes the service in this environment" },
  )
  .meta({
    id: "PlacementConfig",
    description: "One service as this environment wants it, over the service's own values.",
  });

const address = z.url({ protocol: /^https?$/u, error: 'must be an address such as "https://shop.example.com"' });

const environment = z
  .strictObject(
    {
      purpose: text()
        .optional()
        .meta({ description: "What it is for, in a sentence.", examples: ["Where customers shop"] }),
      url: z
        .union([address, z.record(name, address, { error: "must be an object of names and addresses" })], {
          error: 'must be an address such as "https://shop.example.com", or several by name',
        })
        .optional()
        .meta({
          description: "Where people find it: an address, or several by what is found there.",
          examples: [
            "https://shop.example.com",
            { frontend: "https://shop.example.com", backend: "https://api.example.com" },
          ],
        }),
      deploys: z
        .enum(["automatically", "on-request"], { error: 'must be "automatically" or "on-request"' })
        .optional()
        .meta({
          description:
            "`automatically` takes every new release; `on-request` waits for `fairway deploy` or `promote`. Without it the first environment is automatic and the others wait.",
        }),
      approvals: approvals.optional(),
      freezes: freezes.optional(),
      notice: notice.optional(),
      queue: z
        .enum(["newest", "all"], { error: 'must be "newest" or "all"' })
        .optional()
        .meta({
          description:
            "What becomes of deployments that wait for this environment: `newest` drops those that a newer commit has overtaken, and an older commit that comes late never replaces a newer one; `all` deploys each in its turn. A rollback goes ahead of all and is never dropped. Without it: `newest` where deployments happen automatically without approval, else `all`.",
          examples: ["all"],
        }),
      quarantine: z.enum(["failures", "rollbacks"], { error: 'must be "failures" or "rollbacks"' }).optional().meta({
        description:
          "What puts a release into quarantine: `failures`, a rollback from it or a deployment of it here that failed; `rollbacks`, only a rollback.",
        default: "failures",
      }),
      promotesFrom: text("must be the name of an environment, or null")
        .nullable()
        .optional()
        .meta({
          description:
            "Only what this environment has verified may come; null takes any release. Without it: the environment before this one.",
          examples: ["staging"],
        }),
      onlyFrom: onlyFrom.optional(),
      deadline: span.optional().meta({
        description:
          "After this the rollout of a service stops trying: the deployment has stalled, and what ran before is brought back.",
        default: "30m",
      }),
      inherits: text("must be the name of an environment")
        .optional()
        .meta({
          description:
            "Another environment whose `services` and `variables` count here too, with these over them. Its routes stay its own, but a service that has none there has none here.",
          examples: ["production"],
        }),
      scale: z
        .number({ error: "must be a number above 0, such as 0.5" })
        .gt(0, { error: "must be a number above 0, such as 0.5" })
        .max(100, { error: "must be 100 at most" })
        .optional()
        .meta({
          description:
            "How many copies run for each one that services and inherited environments ask for, rounded up and at least one. What this environment itself says of `replicas` counts as it is.",
          default: 1,
          examples: [0.5],
        }),
      variables: variables.optional().meta({ description: "Environment variables of every service here." }),
      verify: z
        .record(name, environmentCheck(checkForms), { error: "must be an object of names and checks" })
        .optional()
        .meta({
          description:
            "Asked after the rollouts, in the repository's folder. A no brings the old release back. `fairway verify` asks again at any time, and a no then takes the release's word of being verified here away.",
          examples: [{ smoke: "node smoke.mjs", shop: { collection: "tests/shop.postman_collection.json" } }],
        }),
      synthetics: z
        .record(name, synthetic(checkForms), { error: "must be an object of names and journeys" })
        .optional()
        .meta({
          description: "Journeys of users that are made again and again while a release runs here, by name.",
          examples: [{ checkout: { journey: "tests/checkout.journey.yaml" } }],
        }),
      bake: span.optional().meta({
        description:
          "How long a deployment goes on watching after it was verified: its journeys are made, and two failures of one in a row bring the old release back.",
        examples: ["10m"],
      }),
      ecs: ecs.optional(),
      aws: aws.optional(),
      vercel: vercel.optional(),
      netlify: netlify.optional(),
      services: z
        .record(name, placement, { error: "must be an object of services" })
        .optional()
        .meta({ description: "What is different here, by service." }),
    },
    { error: "must be an object that describes an environment" },
  )
  .meta({ id: "EnvironmentConfig", description: "A named place on the promotion path." });

/** The shape of a configuration as a user writes it. Unknown keys are problems everywhere. */
export const projectSchema: z.ZodType<ProjectConfig> = z
  .strictObject(
    {
      $schema: text().optional().meta({ description: "Where editors find this schema. Fairway does not read it." }),
      name: name.meta({ description: "The project's name.", examples: ["marketplace"] }),
      registry: registry.optional(),
      provenance: provenance.optional(),
      flags: flags.optional(),
      forge: forge.optional(),
      infrastructure: infrastructure(command, value).optional(),
      notices: z
        .record(name, noticeChannel, { error: "must be an object of channels" })
        .optional()
        .meta({
          description: "Where people are told of what happens, by name.",
          examples: [{ team: { slack: { webhook: { secret: "SLACK_WEBHOOK" } } } }],
        }),
      services: z
        .record(name, service, { error: "must be an object of services" })
        .refine((services) => Object.keys(services).length > 0, { error: "must have at least one service" })
        .meta({ description: "What the repository holds that is checked, built and run, by name." }),
      environments: z
        .record(name, environment, { error: "must be an object of environments" })
        .optional()
        .meta({ description: "The places it is deployed to, in the order of promotion, by name." }),
      previews: previews(timedCommand, value).optional(),
      triggers: z
        .record(name, trigger, { error: "must be an object of triggers" })
        .optional()
        .meta({ description: "What is started by itself, by name." }),
    },
    { error: "must be an object that describes a project" },
  )
  .meta({ id: "ProjectConfig", title: "Fairway", description: "The configuration of one repository." });
