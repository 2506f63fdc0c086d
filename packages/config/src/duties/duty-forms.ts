import { isDay, periodOf } from "@fairway/core";
import { z } from "zod";
import type {
  WrittenBackups,
  WrittenCredentials,
  WrittenDuties,
  WrittenGates,
  WrittenPeople,
  WrittenPlaybook,
} from "./written-duties.ts";
import { duration, form, text, wholeNumber } from "../schema-parts.ts";

// The files of `ops/`. Each message is the end of a sentence that begins with the key.

const period = text("must be a span such as P3M, P180D or P1W")
  .refine((written) => periodOf(written) !== null, { error: "must be a span such as P3M, P180D or P1W" })
  .meta({ description: "A span of the calendar, as ISO 8601 writes it.", examples: ["P3M", "P180D", "P7D"] });

const day = text("must be a day of the calendar, such as 2026-01-31")
  .refine(isDay, { error: "must be a day of the calendar, such as 2026-01-31" })
  .meta({ description: "A day in UTC.", examples: ["2026-01-31"] });

const role = form(/^[a-z][a-z0-9-]{0,39}$/u, "must be the name of a role, such as devops-lead").meta({
  description: "A role of people.yaml.",
  examples: ["devops-lead"],
});
const environment = form(/^[a-z][a-z0-9-]{0,59}$/u, "must be the name of an environment").meta({
  description: "Where it is owed; everywhere when left out.",
  examples: ["production"],
});
const sentence = text("must be a sentence")
  .min(1, { error: "must say something" })
  .max(400, { error: "must be shorter" });
const list = <Item extends z.ZodType>(item: Item, what: string) =>
  z.array(item, { error: `must be a list of ${what}` });
const days = list(wholeNumber(0, 365), "numbers of days").meta({
  description: "How many days before it is due its owner hears of it.",
  default: [14, 7, 1],
});

const shared = {
  task: sentence.optional().meta({ description: "The row of the matrix of who does what that it belongs to." }),
  automation: sentence.optional().meta({ description: "What does a part of it by itself." }),
  escalation: list(role, "roles").optional().meta({ description: "The roles that hear of it next, in their order." }),
  remind: days.optional(),
};

const grace = duration(0).meta({
  description: "How long after it was due it is still in time.",
  default: 0,
  examples: ["6h"],
});

const runForm = z
  .strictObject({
    command: list(text("must be a word of the command"), "words")
      .min(1, { error: "must name a program" })
      .optional()
      .meta({ description: "A program with its words, run in a checkout.", examples: [["node", "ops/look.mjs"]] }),
    playbook: text("must be the id of a playbook").optional(),
    probe: z
      .strictObject({
        url: form(/^https?:\/\/[^\s@]+$/u, "must be an address that begins with https:// and holds no user"),
        headers: z
          .record(text("must be a name"), text("must be a text"), { error: "must be headers" })
          .optional()
          .meta({ description: "`{{secret}}` stands for the credential's value." }),
        status: wholeNumber(100, 599).optional().meta({ default: 200 }),
      })
      .optional()
      .meta({ description: "A question by HTTP; only the status of its answer is kept." }),
    rotation: z
      .strictObject({
        driver: z.literal("postgres-role", { error: 'must be "postgres-role"' }),
        admin: sentence.meta({ description: "The secret with the address of somebody who may change roles." }),
      })
      .optional()
      .meta({ description: "Fairway exchanges it itself: of a credential that is a PostgreSQL address." }),
    scan: z
      .literal(true, { error: "must be true" })
      .optional()
      .meta({ description: "Looks for keys in all files of the commit." }),
    secrets: z
      .record(text("must be a variable"), text("must be the name of a secret"), { error: "must be variables" })
      .optional()
      .meta({ description: "Of a command: variables, and the secrets whose values they are told." }),
    timeout: duration(1).optional().meta({ default: "30m" }),
    schedule: z.boolean({ error: "must be true or false" }).optional().meta({
      description:
        "Begin it when its time comes. A playbook and a rotation only begin when somebody asks, unless this is true.",
    }),
  })
  .meta({ description: "What shows it by itself: one of command, playbook, probe, rotation, scan." });

const calendar = z.strictObject({
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

const peopleForm: z.ZodType<WrittenPeople> = z.strictObject({
  roles: z.record(
    role,
    z.strictObject({
      people: list(
        z.strictObject({
          name: sentence.meta({ description: "As they log in, or their address." }),
          until: day.optional().meta({ description: "The last day that they have the role." }),
        }),
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
      wait: duration(0)
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
      store: sentence.optional().meta({
        description: "Its name in the store of secrets. Never its value.",
        examples: ["STRIPE_RESTRICTED_KEY"],
      }),
      consumers: list(sentence, "services").optional().meta({ description: "The services that use it." }),
      rotate: calendar.optional().meta({ description: "When it is exchanged." }),
      health: calendar.optional().meta({ description: "When it is looked at whether it works." }),
      "access-review": calendar.optional().meta({ description: "When it is looked at who has it." }),
      ...shared,
    }),
    { error: "must be credentials by their names" },
  ),
});

const backupsForm: z.ZodType<WrittenBackups> = z.strictObject({
  backups: z.record(
    form(/^[a-z0-9][a-z0-9-]{0,39}$/u, "must be small letters, digits and dashes"),
    z.strictObject({
      driver: z
        .literal("pg_dump", { error: 'must be "pg_dump"' })
        .meta({ description: "A logical dump by PostgreSQL's pg_dump, encrypted by age before it touches the disk." }),
      environment: environment.meta({ description: "Whose database it is, and where the secrets are looked up." }),
      owner: role,
      database: sentence.meta({
        description: "The name of the secret with the database's address.",
        examples: ["DATABASE_URL"],
      }),
      recipient: form(/^age1[02-9ac-hj-np-z]{58}$/u, "must be a public key of age, such as age1…").meta({
        description: "Whom backups are encrypted to: what age-keygen calls the public key.",
      }),
      identity: sentence.meta({
        description: "The name of the secret with the key that opens them: what age-keygen wrote.",
        examples: ["BACKUP_IDENTITY"],
      }),
      directory: form(/^\/+[^/\0][^\0]*$/u, "must be an absolute path on the daemon's machine").meta({
        description: "Where they are kept: a directory of each, which nothing else writes to.",
        examples: ["/mnt/backups/shop"],
      }),
      keep: wholeNumber(1, 1000).optional().meta({ description: "How many are kept.", default: 14 }),
      roles: list(form(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/u, "must be the name of a role of PostgreSQL"), "roles")
        .optional()
        .meta({
          description: "Roles that policies of the database speak of, which no dump holds: a drill makes them first.",
          examples: [["anon", "authenticated"]],
        }),
      heartbeat: sentence.optional().meta({
        description: "A question to the restored copy that answers with the moment of its newest row.",
        examples: ["select max(created_at) from orders"],
      }),
      rpo: duration(1).optional().meta({ description: "How old that row may be.", default: "15m" }),
      cron: text("must be a schedule such as 15 2 * * *").meta({
        description: "When they are made: times in UTC, with five fields.",
        examples: ["15 2 * * *"],
      }),
      from: day,
      grace: grace.optional(),
      drill: calendar.omit({ run: true }).optional().meta({ description: "When one is restored and looked at." }),
      ...shared,
    }),
    { error: "must be backups by their names" },
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
      longest: period.optional().meta({ default: "P7D" }),
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
} = {
  "people.yaml": peopleForm,
  "duties.yaml": dutiesForm,
  "credentials.yaml": credentialsForm,
  "backups.yaml": backupsForm,
  "gates.yaml": gatesForm,
};

/** The JSON Schema of a file of `ops/`, or of the front matter of a playbook, for editors. */
export const dutyJsonSchema = (file: keyof typeof dutyForms | "playbook"): object =>
  z.toJSONSchema(file === "playbook" ? playbookForm : dutyForms[file], { io: "input", target: "draft-2020-12" });
