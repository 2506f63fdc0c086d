import { z } from "zod";
import type { Impact, IncidentScope, Severity } from "@fairway/core";
import type { WrittenCalendar } from "../duties/written-duties.ts";
import { address, calendar, list, pointer, role, sentence, shared } from "../duties/duty-parts.ts";
import { secret } from "../duties/secret-form.ts";
import { form } from "../schema-parts.ts";

/** Severity.yaml: how severity is proposed. */
export interface WrittenSeverities {
  readonly table: Readonly<Record<Impact, Readonly<Record<IncidentScope, Severity>>>>;
  readonly intercom?: { readonly secret: string; readonly environment?: string | undefined } | undefined;
  readonly words?:
    | readonly { readonly any: readonly string[]; readonly impact: Impact; readonly scope: IncidentScope }[]
    | undefined;
}

/** Education.yaml: what users learn from, and the figures that say whether they do. */
export interface WrittenEducation {
  readonly assets: Readonly<Record<string, WrittenAsset>>;
}

export interface WrittenAsset extends Omit<WrittenCalendar, "run"> {
  readonly title: string;
  readonly owner: string;
  readonly at: string;
  readonly kpi?:
    | {
        readonly name: string;
        readonly url?: string | undefined;
        readonly headers?: Readonly<Record<string, string>> | undefined;
        readonly secret?: string | undefined;
        readonly value?: string | undefined;
        readonly atLeast?: number | undefined;
        readonly atMost?: number | undefined;
      }
    | undefined;
  readonly task?: string | undefined;
  readonly automation?: string | undefined;
  readonly escalation?: readonly string[] | undefined;
  readonly remind?: readonly number[] | undefined;
}

const severity = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)], { error: "must be 1, 2, 3 or 4" });
const scopes = z.strictObject(
  { all: severity, some: severity, one: severity },
  { error: "must say the severity for all, some and one" },
);
const figure = z.number({ error: "must be a number" });

/** The form of severity.yaml. */
export const severitiesForm: z.ZodType<WrittenSeverities> = z.strictObject({
  table: z
    .strictObject({ outage: scopes, degraded: scopes, minor: scopes })
    .meta({ description: "By how bad it is, and for how many. 1 is the worst." }),
  intercom: z
    .strictObject({
      secret: secret.meta({ description: "The name of the secret that it signs its webhooks with." }),
      environment: form(/^[a-z][a-z0-9-]{0,59}$/u, "must be the name of an environment").optional(),
    })
    .optional()
    .meta({ description: "Takes in what users tell support, by webhooks to /hooks/intercom." }),
  words: list(
    z.strictObject({
      any: list(sentence, "words").min(1, { error: "must name at least one" }),
      impact: z.enum(["outage", "degraded", "minor"], { error: "must be outage, degraded or minor" }),
      scope: z.enum(["all", "some", "one"], { error: "must be all, some or one" }),
    }),
    "words",
  )
    .optional()
    .meta({ description: "What words in a message tell of; the worst that fits counts." }),
});

/** The form of education.yaml. */
export const educationForm: z.ZodType<WrittenEducation> = z.strictObject({
  assets: z.record(
    form(/^[a-z0-9][a-z0-9-]{0,59}$/u, "must be small letters, digits and dashes"),
    z.strictObject({
      title: sentence,
      owner: role,
      at: sentence.meta({ description: "Where it is: a file of the repository, or an address." }),
      kpi: z
        .strictObject({
          name: sentence.meta({ examples: ["first strategy within a day"] }),
          url: address
            .optional()
            .meta({ description: "Answers with the figure in JSON; left out where people tell it." }),
          headers: z.record(sentence, sentence, { error: "must be headers" }).optional(),
          secret: secret.optional().meta({ description: "The secret that `{{secret}}` in a header stands for." }),
          value: pointer.optional().meta({ description: "Where in the answer it is.", default: "/value" }),
          atLeast: figure.optional(),
          atMost: figure.optional(),
        })
        .optional()
        .meta({ description: "The figure that it is for. Without one it is unmeasured, and never well." }),
      ...shared,
      ...calendar.omit({ run: true }).shape,
    }),
    { error: "must be assets by their names" },
  ),
});
