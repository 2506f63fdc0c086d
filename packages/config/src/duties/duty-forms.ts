import { z } from "zod";
import type {
  WrittenCredentials,
  WrittenDuties,
  WrittenGates,
  WrittenPeople,
  WrittenPlaybook,
} from "./written-duties.ts";
import type { WrittenEducation, WrittenSeverities } from "../content/content-forms.ts";
import { educationForm, severitiesForm } from "../content/content-forms.ts";
import type { WrittenDisclosures } from "../content/disclosure-forms.ts";
import { disclosuresForm } from "../content/disclosure-forms.ts";
import type { WrittenNotice } from "../content/release-pack.ts";
import { noticeForm } from "../content/release-pack.ts";
import { form, text } from "../schema-parts.ts";
import { backupsForm } from "./backup-forms.ts";
import {
  calendar,
  day,
  environment,
  grace,
  list,
  period,
  role,
  runForm,
  sentence,
  shared,
  span,
} from "./duty-parts.ts";
import { secret } from "./secret-form.ts";
import type { WrittenScan } from "./scan-form.ts";
import { scanForm } from "./scan-form.ts";
import type { WrittenBackups } from "./written-backups.ts";

// The files of `ops/`. Each message is the end of a sentence that begins with the key.

const peopleForm: z.ZodType<WrittenPeople> = z.strictObject({
  roles: z.record(
    role,
    z.strictObject({
      people: list(
        z.strictObject(
          {
            name: sentence.meta({ description: "As they log in, or their address." }),
            until: day.optional().meta({ description: "The last day that they have the role." }),
          },
          { error: "must be a person, as { name: Ada }" },
        ),
        "people",
      ).min(1, { error: "must name at least one" }),
    }),
    { error: "must be roles with their people" },
  ),
});

const dutyName = form(
  /^[a-z0-9][a-z0-9./@:_-]{0,99}$/u,
  "must be small letters, digits and . / @ : - _, such as drill/database",
);

const dutiesForm: z.ZodType<WrittenDuties> = z.strictObject({
  duties: z.record(
    dutyName,
    z.strictObject({
      title: sentence.meta({ description: "What is owed, in a few words." }),
      owner: role,
      environment: environment.optional(),
      every: period.optional(),
      from: day.optional(),
      rolling: z.boolean({ error: "must be true or false" }).optional(),
      done: day.optional(),
      cron: text("must be a schedule such as 15 2 * * *")
        .optional()
        .meta({
          description: "Times in UTC, with five fields.",
          examples: ["15 2 * * *"],
        }),
      for: z.literal("release", { error: 'must be "release"' }).optional().meta({
        description: "It is owed for each release anew.",
      }),
      wait: span(0)
        .optional()
        .meta({
          description: "How long ago it must have been shown for a release before it counts.",
          examples: ["24h"],
        }),
      always: z.literal(true, { error: "must be true" }).optional().meta({
        description: "It holds until somebody says otherwise: no open incident, say.",
      }),
      grace: grace.optional(),
      watches: list(sentence, "paths")
        .min(1, { error: "must name at least one" })
        .optional()
        .meta({
          description:
            "Files that it is shown of; once one of them changes, it is to be shown anew. `*` stands for anything.",
          examples: [["docs/compliance/*.md"]],
        }),
      run: runForm.optional(),
      ...shared,
    }),
    { error: "must be duties by their names" },
  ),
});

const credentialsForm: z.ZodType<WrittenCredentials> = z.strictObject({
  credentials: z.record(
    form(/^[a-z0-9][a-z0-9-]{0,59}$/u, "must be small letters, digits and dashes"),
    z.strictObject({
      vendor: sentence.meta({ examples: ["Stripe"] }),
      kind: sentence.meta({ description: "What kind of key it is.", examples: ["restricted key"] }),
      environments: list(environment, "environments").min(1, { error: "must name at least one" }),
      owner: role,
      store: secret.optional().meta({
        description: "Its name in the store of secrets. Never its value.",
        examples: ["STRIPE_RESTRICTED_KEY"],
      }),
      consumers: list(sentence, "services").optional().meta({ description: "The services that use it." }),
      fallback: sentence.optional().meta({
        description:
          "The credential that stands in for it. While one of the two works, that the other fails keeps nothing out.",
        examples: ["coin-metrics"],
      }),
      rotate: calendar.optional().meta({ description: "When it is exchanged." }),
      health: calendar.optional().meta({ description: "When it is looked at whether it works." }),
      "access-review": calendar.optional().meta({ description: "When it is looked at who has it." }),
      ...shared,
    }),
    { error: "must be credentials by their names" },
  ),
});

const gatesForm: z.ZodType<WrittenGates> = z.strictObject({
  gates: list(
    z.strictObject({
      environment,
      require: list(sentence, "patterns of duties")
        .min(1, { error: "must name at least one" })
        .meta({
          description: "Duties that must be well before a release is taken; `*` stands for anything.",
          examples: [["drill/*"]],
        }),
      mode: z.enum(["block", "warn"], { error: 'must be "block" or "warn"' }).optional().meta({
        description: "`warn` only says what it would have refused.",
        default: "block",
      }),
      owner: role.meta({ description: "Whose yes a change needs that asks for less." }),
    }),
    "gates",
  ),
  waivers: z
    .strictObject({
      longest: period.optional().meta({ description: "At most P7D.", default: "P7D", examples: ["P2D"] }),
      approvers: list(role, "roles").min(1, { error: "must name at least one" }),
    })
    .optional()
    .meta({ description: "Who may pass a duty over, and for how long at the most. Nobody when left out." }),
});

/** The front matter of a playbook. */
export const playbookForm: z.ZodType<WrittenPlaybook> = z.strictObject({
  id: form(/^[a-z0-9][a-z0-9-]{0,59}$/u, "must be small letters, digits and dashes"),
  title: sentence.optional(),
  owner: role,
  reviewed: day.meta({ description: "When somebody last went through it." }),
  review_every: period,
  escalation: list(role, "roles").min(1, { error: "must name at least one" }),
  state_refs: list(sentence, "paths")
    .optional()
    .meta({ description: "Files that hold the state it speaks of; they must exist." }),
  watches: list(sentence, "paths").optional(),
  task: shared.task,
});

/** The form of each file of `ops/` that has one. */
export const dutyForms: {
  readonly "people.yaml": z.ZodType<WrittenPeople>;
  readonly "duties.yaml": z.ZodType<WrittenDuties>;
  readonly "credentials.yaml": z.ZodType<WrittenCredentials>;
  readonly "backups.yaml": z.ZodType<WrittenBackups>;
  readonly "gates.yaml": z.ZodType<WrittenGates>;
  readonly "disclosures.yaml": z.ZodType<WrittenDisclosures>;
  readonly "education.yaml": z.ZodType<WrittenEducation>;
  readonly "severity.yaml": z.ZodType<WrittenSeverities>;
  readonly "notice.yaml": z.ZodType<WrittenNotice>;
  readonly "scan.yaml": z.ZodType<WrittenScan>;
} = {
  "people.yaml": peopleForm,
  "duties.yaml": dutiesForm,
  "credentials.yaml": credentialsForm,
  "backups.yaml": backupsForm,
  "gates.yaml": gatesForm,
  "disclosures.yaml": disclosuresForm,
  "education.yaml": educationForm,
  "severity.yaml": severitiesForm,
  "notice.yaml": noticeForm,
  "scan.yaml": scanForm,
};

/** The JSON Schema of a file of `ops/`, or of the front matter of a playbook, for editors. */
export const dutyJsonSchema = (file: keyof typeof dutyForms | "playbook"): object =>
  z.toJSONSchema(file === "playbook" ? playbookForm : dutyForms[file], { io: "input", target: "draft-2020-12" });
