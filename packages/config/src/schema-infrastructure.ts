import { Cron } from "croner";
import { z } from "zod";
import { environmentVariableForm, nameForm } from "./forms.ts";
import type { Command, InfrastructureConfig, Value } from "./project-config.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";

const folder = text("must be a path").min(1, { error: "must be a path" });
const stackName = form(nameForm, "must be a name of small letters, digits and dashes that begins with a letter");
const someNames = z.array(text("must be a name"), { error: "must be a list of names" });

const schedule = text('must be a schedule such as "0 6 * * *"')
  .refine(isCron, { error: 'must be a schedule of five fields such as "0 6 * * *": minute, hour, day, month, weekday' })
  .meta({ description: "Minute, hour, day of the month, month, day of the week, in UTC.", examples: ["0 6 * * *"] });

const moment = text("must be a date such as 2027-01-31").refine((written) => isDate(written), {
  error: "must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z",
});

const exitCodes = z.array(wholeNumber(0, 255), { error: "must be a list of exit codes" }).min(1);

const ignoreRule = z.strictObject(
  {
    resource: text("must be an address")
      .min(1)
      .meta({
        description: "The address of a resource, with `*` for any part of it.",
        examples: ["aws_instance.web*"],
      }),
    field: text()
      .optional()
      .meta({ description: "A field of it, with what is below; all of it when left out.", examples: ["tags"] }),
    reason: text("must say why").min(1).meta({ description: "Why, for whoever meets the rule." }),
    until: moment.meta({ description: "After which it is told again.", examples: ["2027-01-31"] }),
  },
  { error: "must be an object with resource, reason and until" },
);

const output = z
  .union(
    [
      text().min(1),
      z.strictObject({
        output: text().min(1).meta({ description: "The name of the output." }),
        services: someNames.optional().meta({ description: "Which services are given it; all when left out." }),
      }),
    ],
    { error: "must be the name of an output, or { output, services }" },
  )
  .meta({ description: "An output by its name, or with the services that are given it." });

/** The stacks of a project; commands and values are given, for they belong to the schema of services. */
export function infrastructure(
  command: z.ZodType<Command>,
  value: z.ZodType<Value>,
): z.ZodType<Readonly<Record<string, InfrastructureConfig>>> {
  const values = z.record(text(), value, { error: "must be an object of names and values" });
  const env = z.record(
    form(environmentVariableForm, "must be the name of an environment variable: letters, digits and _"),
    value,
    { error: "must be an object of names and values" },
  );
  const placed = {
    workspace: text("must be the name of a workspace").min(1).optional().meta({
      description: "The workspace of the state; it is made when it is not there.",
      default: "default",
    }),
    variables: values.optional().meta({
      description: "Variables of the code, as texts; lists and maps as HCL writes them.",
      examples: [{ size: "2", password: { secret: "DB_PASSWORD" } }],
    }),
    varFiles: z
      .array(folder, { error: "must be a list of paths" })
      .optional()
      .meta({ description: "Files of variables, relative to the folder.", examples: [["staging.tfvars"]] }),
    env: env.optional().meta({
      description: "Environment variables of the program: what its providers sign in with.",
      examples: [{ AWS_SECRET_ACCESS_KEY: { secret: "AWS_SECRET_ACCESS_KEY" } }],
    }),
    backend: values.optional().meta({
      description: "What the code's backend block leaves out. Without a backend in the code Fairway keeps the state.",
      examples: [{ key: "staging/network" }],
    }),
  };
  const program = z.union(
    [
      z.enum(["terraform", "tofu"]),
      z.strictObject({
        plan: command.meta({
          description:
            "Says what would change and changes nothing. It may write the plan to the file that `FAIRWAY_PLAN_FILE` names.",
        }),
        apply: command.meta({ description: "Does it, by the file that `FAIRWAY_PLAN_FILE` names where there is one." }),
        show: command.optional().meta({
          description: "Prints what a person should see of the plan; without it they see what `plan` prints.",
        }),
        destroy: command.optional().meta({ description: "Takes all of it away." }),
        exitCodes: z
          .strictObject({
            nothing: exitCodes.optional().meta({ description: "There is nothing to do.", default: [0] }),
            changes: exitCodes.optional().meta({ description: "There is something to do.", default: [2] }),
          })
          .optional()
          .meta({ description: "What the exit codes of `plan` mean; every other is a failure." }),
      }),
    ],
    { error: 'must be "terraform", "tofu" or { plan, apply, show, destroy, exitCodes }' },
  );
  const stack = z
    .strictObject(
      {
        folder: folder.meta({
          description: "The folder of its code, relative to the repository.",
          examples: ["infrastructure/network"],
        }),
        program: program.optional().meta({
          description: "The program that plans and applies it, found on the PATH, or the commands of another.",
          default: "terraform",
        }),
        after: z
          .array(stackName)
          .optional()
          .meta({ description: "Stacks that are applied before it.", examples: [["network"]] }),
        ...placed,
        environments: z
          .record(text(), z.strictObject(placed), { error: "must be an object of environments" })
          .optional()
          .meta({
            description:
              "Where it is, with what is different there; in every environment when left out. Variables, `env` and `backend` are laid over those of the stack, the rest takes their place.",
          }),
        outputs: z
          .record(form(environmentVariableForm, "must be the name of an environment variable"), output, {
            error: "must be an object of variables and outputs",
          })
          .optional()
          .meta({
            description: "Which outputs services are given, by environment variable.",
            examples: [{ QUEUE_URL: "queue_url" }],
          }),
        lockTimeout: duration(0)
          .optional()
          .meta({ description: "How long another's lock of the state is waited for.", default: "60s" }),
        timeout: duration(1000).optional().meta({ description: "How long one command may take.", default: "60m" }),
        preventDestroy: z
          .union([z.boolean(), z.array(text("must be an address"))], {
            error: "must be true, false or a list of addresses",
          })
          .optional()
          .meta({
            description:
              "Resources that go only when the person who approves names them: all, none, or those of a list of addresses, with `*` for any part.",
            default: true,
          }),
        ignore: z
          .array(ignoreRule)
          .optional()
          .meta({ description: "Differences that are to be left alone, for a time." }),
        drift: z
          .union([schedule, z.array(schedule)], { error: "must be a schedule, or a list of them" })
          .optional()
          .meta({ description: "When the world is compared with the code.", examples: ["0 6 * * *"] }),
        owner: text()
          .min(1)
          .optional()
          .meta({ description: "Who looks after what that finds.", examples: ["platform"] }),
      },
      { error: "must be an object with folder" },
    )
    .meta({
      id: "InfrastructureConfig",
      description: "Infrastructure that is planned and applied as one, by the user's own Terraform or OpenTofu.",
      examples: [{ folder: "infrastructure", program: "tofu", drift: "0 6 * * *" }],
    });
  return z.record(stackName, stack, { error: "must be an object of stacks" }).meta({
    description:
      "What a deployment plans, shows and applies before the services move, by name. Where there is none the stage is absent.",
  });
}

function isCron(written: string): boolean {
  if (written.trim().split(/\s+/u).length !== 5) return false;
  try {
    return new Cron(written, { paused: true }).nextRun() !== null;
  } catch (thrown) {
    if (thrown instanceof Error) return false;
    throw thrown;
  }
}

const isDate = (written: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/u.test(written) &&
  !Number.isNaN(Date.parse(written));
