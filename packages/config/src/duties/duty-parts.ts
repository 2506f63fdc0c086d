import { isDay, periodOf } from "@fairway/core";
import { z } from "zod";
import { rotationForm } from "./rotation-form.ts";
import { secret } from "./secret-form.ts";
import { awsAccess } from "../schema-aws.ts";
import { duration, form, text, wholeNumber } from "../schema-parts.ts";
import type { WrittenDutyRun } from "./written-duties.ts";

// What the forms of several files of `ops/` have in common. Each message is the end of a sentence that begins with the key.

/** A span of the calendar. */
export const period: z.ZodString = text("must be a span such as P3M, P180D or P1W")
  .refine((written) => periodOf(written) !== null, { error: "must be a span such as P3M, P180D or P1W" })
  .meta({ description: "A span of the calendar, as ISO 8601 writes it.", examples: ["P3M", "P180D", "P7D"] });

/** A day in UTC. */
export const day: z.ZodString = text("must be a day of the calendar, such as 2026-01-31")
  .refine(isDay, { error: "must be a day of the calendar, such as 2026-01-31" })
  .meta({ description: "A day in UTC.", examples: ["2026-01-31"] });

/** A role of people. */
export const role: z.ZodString = form(
  /^[a-z][a-z0-9-]{0,39}$/u,
  "must be the name of a role, such as devops-lead",
).meta({
  description: "A role of people.yaml.",
  examples: ["devops-lead"],
});
/** Where something is owed. */
export const environment: z.ZodString = form(/^[a-z][a-z0-9-]{0,59}$/u, "must be the name of an environment").meta({
  description: "Where it is owed; everywhere when left out.",
  examples: ["production"],
});
/** A line for people. */
export const sentence: z.ZodString = text("must be a sentence")
  .regex(/\S/u, { error: "must say something" })
  .max(400, { error: "must be shorter" });
/** A list of one kind of thing. */
export const list = <Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> =>
  z.array(item, { error: `must be a list of ${what}` });
const days = list(wholeNumber(0, 365), "numbers of days").meta({
  description: "How many days before it is due its owner hears of it.",
  default: [14, 7, 1],
});

/** What every duty may say. */
export const shared: {
  readonly task: z.ZodOptional<z.ZodString>;
  readonly automation: z.ZodOptional<z.ZodString>;
  readonly escalation: z.ZodOptional<z.ZodArray<z.ZodString>>;
  readonly remind: z.ZodOptional<z.ZodArray<ReturnType<typeof wholeNumber>>>;
} = {
  task: sentence.optional().meta({ description: "The row of the matrix of who does what that it belongs to." }),
  automation: sentence.optional().meta({ description: "What does a part of it by itself." }),
  escalation: list(role, "roles").optional().meta({ description: "The roles that hear of it next, in their order." }),
  remind: days.optional(),
};

/** A span of time with its unit: of a number alone, as a day's 24, nobody would know that it is thousandths of a second. */
export const span = (least: number): ReturnType<typeof duration> =>
  duration(least).refine((written) => typeof written !== "number" || written === 0, {
    error: 'must have a unit, such as "24h" or "30m"',
  });

/** How long after its time something still counts. */
export const grace: ReturnType<typeof duration> = span(0).meta({
  description: "How long after it was due it is still in time.",
  default: 0,
  examples: ["6h"],
});

/** An address of the web. */
export const address: z.ZodString = form(
  /^https?:\/\/[^\s@]+$/u,
  "must be an address that begins with https:// and holds no user",
);
/** Where something stands in JSON. */
export const pointer: z.ZodString = form(/^\/\S{0,200}$/u, "must be a JSON pointer such as /data/rate");

/** What shows a duty by itself. */
export const runForm: z.ZodType<WrittenDutyRun> = z
  .strictObject({
    command: list(text("must be a word of the command"), "words")
      .refine(([program = ""]) => program.trim() !== "", { error: "must name a program" })
      .optional()
      .meta({ description: "A program with its words, run in a checkout.", examples: [["node", "ops/look.mjs"]] }),
    playbook: text("must be the id of a playbook").optional(),
    probe: z
      .strictObject({
        url: form(
          /^(?:https?:\/\/|\{\{[A-Z][A-Z0-9_]{0,99}\}\}(?:\/|$))[^\s@]*$/u,
          "must be an address that begins with https:// or with the name of a secret that holds one, as {{SUPABASE_URL}}/, and holds no user",
        ).meta({
          description:
            "Where it is asked. `{{NAME}}` at its beginning stands for the address that the store of secrets has by that name.",
          examples: ["https://api.stripe.com/v1/balance", "{{SUPABASE_URL}}/rest/v1/"],
        }),
        headers: z
          .record(text("must be a name"), text("must be a text"), { error: "must be headers" })
          .optional()
          .meta({ description: "`{{secret}}` stands for the credential's value." }),
        query: z
          .record(text("must be a name"), text("must be a text"), { error: "must be parameters" })
          .optional()
          .meta({
            description:
              "Parameters of the address; `{{secret}}` stands for the credential's value, which is shown nowhere.",
            examples: [{ api_key: "{{secret}}" }],
          }),
        basic: z
          .strictObject({
            user: text("must be a text"),
            password: text("must be a text").optional().meta({ default: "" }),
          })
          .optional()
          .meta({ description: "A user and a password, as HTTP Basic has them; `{{secret}}` stands for the value." }),
        status: wholeNumber(100, 599).optional().meta({ default: 200 }),
      })
      .optional()
      .meta({ description: "A question by HTTP; only the status of its answer is kept." }),
    awsKey: z
      .strictObject(
        {
          id: secret.meta({
            description: "The secret that holds the id of the access key.",
            examples: ["DEPLOY_KEY_ID"],
          }),
          region: awsAccess.region,
          account: awsAccess.account.meta({
            description: "The account that the key must be of.",
            examples: ["123456789012"],
          }),
        },
        { error: "must be an object { id, region, account }" },
      )
      .optional()
      .meta({
        description:
          "Asks AWS whose key it is, signed with the credential's own secret access key. That needs no permission.",
      }),
    rotation: rotationForm.optional(),
    scan: z
      .union([z.literal(true), z.enum(["history", "logs"])], { error: 'must be true, "history" or "logs"' })
      .optional()
      .meta({
        description:
          "Looks for keys: in all files of the commit, of a release in what it brings besides; in all of the history; or in the logs of what ran.",
      }),
    notices: z
      .union([z.literal(true), z.array(text("must be the name of a channel")).min(1)], {
        error: "must be true or a list of channels",
      })
      .optional()
      .meta({
        description: "Tells each channel of notices something, or those that are named, and sees whether it arrives.",
        examples: [true, ["team", "pager"]],
      }),
    docs: z
      .strictObject({
        paths: list(sentence, "paths").min(1, { error: "must name at least one" }),
        external: z.boolean({ error: "must be true or false" }).optional().meta({
          description: "Whether links out of the repository are followed too.",
          default: false,
        }),
      })
      .optional()
      .meta({ description: "Looks at the form of Markdown files and at where their links lead." }),
    replay: z
      .strictObject({
        url: address,
        secret: secret.meta({ description: "The name of the secret that they are signed with." }),
        events: list(sentence, "paths").min(1, { error: "must name at least one" }),
        effects: z.strictObject({
          url: address.meta({ description: "Tells how often an event had its effect; `{{event}}` stands for its id." }),
          value: pointer,
        }),
      })
      .optional()
      .meta({ description: "Sends webhooks as Stripe signs them, good and bad ones, and counts their effects." }),
    summary: z
      .literal(true, { error: "must be true" })
      .optional()
      .meta({ description: "Writes the summary of the operations log." }),
    packet: z
      .literal(true, { error: "must be true" })
      .optional()
      .meta({ description: "Writes the packet for those who begin." }),
    secrets: z
      .record(text("must be a variable"), secret, { error: "must be variables" })
      .optional()
      .meta({ description: "Of a command: variables, and the secrets whose values they are told." }),
    timeout: span(1).optional().meta({ default: "30m" }),
    schedule: z.boolean({ error: "must be true or false" }).optional().meta({
      description:
        "Begin it when its time comes. A playbook and a rotation only begin when somebody asks, unless this is true.",
    }),
  })
  .meta({
    description:
      "What shows it by itself: one of command, playbook, probe, rotation, scan, docs, replay, summary, packet.",
  });

/** When something is owed. */
export const calendar: z.ZodObject<
  {
    readonly every: z.ZodString;
    readonly from: z.ZodOptional<z.ZodString>;
    readonly rolling: z.ZodOptional<z.ZodBoolean>;
    readonly done: z.ZodOptional<z.ZodString>;
    readonly grace: z.ZodOptional<ReturnType<typeof duration>>;
    readonly run: z.ZodOptional<z.ZodType<WrittenDutyRun>>;
  },
  z.core.$strict
> = z.strictObject({
  every: period,
  from: day.optional().meta({ description: "The first day that it is due on; those after are counted from it." }),
  rolling: z
    .boolean({ error: "must be true or false" })
    .optional()
    .meta({ description: "Count from when it was last done and not from the first day.", default: false }),
  done: day.optional().meta({ description: "When it was last done, before there was a record." }),
  grace: grace.optional(),
  run: runForm.optional(),
});
