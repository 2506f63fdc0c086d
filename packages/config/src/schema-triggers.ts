import { z } from "zod";
import type { OnlyFrom, TriggerConfig } from "./project-config.ts";
import { form, text } from "./schema-parts.ts";

// What starts something by itself. The words are GitHub's where GitHub has one for the same thing.

const patternForm = "must be a pattern, such as main, release/** or !docs/**";
const pattern = text(patternForm).min(1, { error: patternForm }).max(255, { error: "must be at most 255 characters" });
const patterns = z
  .union([pattern, z.array(pattern).min(1, { error: "must name at least one pattern" })], {
    error: "must be a pattern or a list of patterns",
  })
  .meta({
    id: "Patterns",
    description:
      "Patterns as GitHub's filters have them: `*` stays within a part of the name, `**` does not, `?`, `+` and `[]` as there, `!` takes out what an earlier one took in, and a later one overrides.",
    examples: ["main", ["release/**", "!release/old-*"]],
  });

const paths = {
  paths: patterns.optional().meta({ description: "Only where one of the changed files fits.", examples: [["web/**"]] }),
  pathsIgnore: patterns
    .optional()
    .meta({ description: "Not where all of the changed files fit.", examples: ["**.md"] }),
};
const branches = (what: string) => ({
  branches: patterns.optional().meta({ description: `Of ${what}.`, examples: ["main"] }),
  branchesIgnore: patterns.optional().meta({ description: `All but these, of ${what}.` }),
});

const push = z
  .union([z.literal(true), z.strictObject({ ...branches("the branch that was pushed"), ...paths })], {
    error: "must be true or { branches, branchesIgnore, paths, pathsIgnore }",
  })
  .meta({ id: "OnPush", description: "A branch was pushed." });

const tagRule = {
  names: patterns.optional().meta({ description: "Of the tag's name.", examples: ["v*"] }),
  semver: text("must be a range of versions, such as >=1.0.0")
    .optional()
    .meta({
      description:
        "The tag is a version in this range; a `v` before it is no part of it. Pre-releases count only where the range names one.",
      examples: [">=1.0.0"],
    }),
};

const tag = z
  .union(
    [
      patterns,
      z.strictObject({
        ...tagRule,
        branch: text("must be the name of a branch, or null")
          .min(1)
          .nullable()
          .optional()
          .meta({
            description:
              "The branch that the tag's commit must be on; null where it may be anywhere. Without it, the repository's main branch.",
            examples: ["main"],
          }),
      }),
    ],
    { error: "must be a pattern, a list of patterns or { names, semver, branch }" },
  )
  .meta({ id: "OnTag", description: "A tag was pushed.", examples: ["v*", { semver: ">=1.0.0" }] });

/** Kinds of changes of a pull request that a forge tells. */
const pullTypes = [
  "opened",
  "synchronize",
  "reopened",
  "closed",
  "edited",
  "labeled",
  "unlabeled",
  "ready_for_review",
  "converted_to_draft",
] as const;

const pullRequest = z
  .union(
    [
      z.literal(true),
      z.strictObject({
        ...branches("the branch that it goes into"),
        ...paths,
        types: z
          .array(z.enum(pullTypes, { error: `must be one of ${pullTypes.join(", ")}` }))
          .min(1, { error: "must name at least one" })
          .optional()
          .meta({ description: "What was done to it.", default: ["opened", "synchronize", "reopened"] }),
      }),
    ],
    { error: "must be true or { branches, branchesIgnore, paths, pathsIgnore, types }" },
  )
  .meta({ id: "OnPullRequest", description: "A pull request was opened or changed." });

const oneSchedule = z.strictObject(
  {
    cron: text("must be a time as cron has it: minute, hour, day of the month, month, day of the week").meta({
      description: "Minute, hour, day of the month, month, day of the week.",
      examples: ["0 2 * * *"],
    }),
    timezone: text("must be an IANA time zone, such as Europe/Berlin")
      .optional()
      .meta({
        description: "An IANA name. The hour is that of its clocks.",
        default: "UTC",
        examples: ["Europe/Berlin"],
      }),
    catchUp: z.boolean({ error: "must be true or false" }).optional().meta({
      description: "Whether one run makes up for all that were missed while Fairway was down.",
      default: true,
    }),
  },
  { error: "must be { cron, timezone }" },
);
const schedule = z
  .union([oneSchedule, z.array(oneSchedule).min(1, { error: "must have at least one line" })], {
    error: "must be { cron, timezone } or a list of them",
  })
  .meta({
    id: "OnSchedule",
    description: "A time has come.",
    examples: [{ cron: "0 2 * * *", timezone: "Europe/Berlin" }],
  });

const value = z.union([z.string(), z.number(), z.boolean()], { error: "must be a text, a number, true or false" });

const input = z
  .strictObject(
    {
      type: z
        .enum(["string", "boolean", "number", "choice", "environment"], {
          error: "must be string, boolean, number, choice or environment",
        })
        .optional()
        .meta({ description: "What it may be.", default: "string" }),
      description: text().optional().meta({ description: "What it is for." }),
      required: z.boolean({ error: "must be true or false" }).optional().meta({
        description: "Whether it must be given where it has no default.",
        default: false,
      }),
      default: value.optional().meta({ description: "What it is where nobody gives it." }),
      options: z
        .array(text("must be a text"), { error: "must be a list of texts" })
        .min(1, { error: "must name at least one" })
        .optional()
        .meta({ description: "Of a choice.", examples: [["smoke", "full"]] }),
    },
    { error: "must be an object that describes an input" },
  )
  .meta({ id: "TriggerInput", description: "One typed value that whoever fires a trigger gives." });

const inputName = form(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/u, "must be a name of letters, digits, _ and -");

/** One thing that is started by itself. */
export const trigger: z.ZodType<TriggerConfig> = z
  .strictObject(
    {
      on: z
        .strictObject(
          {
            push: push.optional(),
            tag: tag.optional(),
            pullRequest: pullRequest.optional(),
            schedule: schedule.optional(),
            manual: z.literal(true, { error: "must be true" }).optional().meta({
              description: "A person asks for it: `fairway trigger NAME`.",
            }),
            api: z.literal(true, { error: "must be true" }).optional().meta({
              description: "A program asks for it, with a token of its own.",
            }),
          },
          { error: "must be an object { push, tag, pullRequest, schedule, manual, api }" },
        )
        .meta({ id: "TriggerOn", description: "What it listens to; each alone is enough." }),
      inputs: z
        .record(inputName, input, { error: "must be an object of inputs" })
        .optional()
        .meta({
          description: "What whoever fires it may give, by name.",
          examples: [{ suite: { type: "choice", options: ["smoke", "full"] } }],
        }),
      release: z
        .union([z.boolean(), z.strictObject({ deploy: z.boolean({ error: "must be true or false" }) })], {
          error: "must be true or { deploy: false }",
        })
        .optional()
        .meta({
          description:
            "Makes a release of the commit, which goes to the environments that take every one; `{ deploy: false }` keeps it from that.",
        }),
      deploy: text("must be the name of an environment")
        .optional()
        .meta({
          description:
            "Brings the release of the commit to this environment. Where the environment takes what no other has verified, a release is made first; else what may still be verified is waited for.",
          examples: ["staging"],
        }),
      verify: text("must be the name of an environment")
        .optional()
        .meta({
          description:
            "Asks the checks of this environment again of what runs there, as `fairway verify` does: every night, say.",
          examples: ["staging"],
        }),
      plan: text("must be the name of an environment")
        .optional()
        .meta({
          description:
            "Plans what the commit would do to the infrastructure of this environment, and changes nothing. At a pull request the plan is a check and a comment, which change in place.",
          examples: ["staging"],
        }),
      workflow: text("must be the path of a workflow file")
        .optional()
        .meta({
          description: "Runs a workflow file of the repository.",
          examples: [".github/workflows/nightly.yml"],
        }),
      job: text("must be the name of a job")
        .optional()
        .meta({ description: "Only this job of the workflow and what it needs." }),
      environment: text("must be the name of an environment")
        .optional()
        .meta({
          description:
            "The workflow is that of the commit which this environment runs, and is told its name and address in `inputs`.",
          examples: ["staging"],
        }),
      with: z
        .record(
          inputName,
          z.union([value, z.strictObject({ input: inputName })], { error: "must be a value or { input: NAME }" }),
          {
            error: "must be an object of values",
          },
        )
        .optional()
        .meta({
          description: "Inputs of the workflow; `{ input: NAME }` passes one of the trigger on.",
          examples: [{ suite: { input: "suite" } }],
        }),
    },
    { error: "must be an object that describes a trigger" },
  )
  .meta({
    id: "TriggerConfig",
    description:
      "What starts something by itself: exactly one of `release`, `deploy`, `verify`, `plan` and `workflow`.",
    examples: [
      { on: { push: { branches: "main" } }, deploy: "staging" },
      { on: { tag: "v*" }, deploy: "production" },
      { on: { schedule: { cron: "0 2 * * *" } }, verify: "staging" },
      { on: { pullRequest: { paths: "infrastructure/**" } }, plan: "staging" },
      {
        on: { schedule: { cron: "0 2 * * *", timezone: "Europe/Berlin" } },
        workflow: ".github/workflows/nightly.yml",
        environment: "staging",
      },
    ],
  });

/** Where commits must come from that go to an environment. */
export const onlyFrom: z.ZodType<OnlyFrom> = z
  .strictObject(
    {
      tags: z
        .union([patterns, z.strictObject(tagRule)], {
          error: "must be a pattern, a list of patterns or { names, semver }",
        })
        .optional()
        .meta({ description: "The commit bears a tag that fits.", examples: ["v*"] }),
      branch: text("must be the name of a branch")
        .min(1)
        .optional()
        .meta({
          description: "The commit is on this branch.",
          examples: ["main"],
        }),
    },
    { error: "must be an object { tags, branch }" },
  )
  .meta({
    id: "OnlyFrom",
    description: "Where commits must come from, however a deployment is asked for. A rollback is not held to it.",
    examples: [{ tags: "v*", branch: "main" }],
  });
