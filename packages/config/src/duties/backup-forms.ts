import { z } from "zod";
import { form, text, wholeNumber } from "../schema-parts.ts";
import { calendar, day, environment, grace, list, role, sentence, shared, span } from "./duty-parts.ts";
import { secret } from "./secret-form.ts";
import type { WrittenBackups } from "./written-backups.ts";

const absolute = form(/^\/+[^/\0][^\0]*$/u, "must be an absolute path on the daemon's machine");
const owed = calendar.omit({ run: true });
const cron = text("must be a schedule such as 15 2 * * *");
const words = list(text("must be a word of the command"), "words").min(1, { error: "must name a program" });
const secrets = z
  .record(text("must be a variable"), secret, { error: "must be variables" })
  .optional()
  .meta({ description: "Variables, and the secrets whose values they are told." });
const databaseSecret = secret.meta({
  description: "The name of the secret with the database's address.",
  examples: ["DATABASE_URL"],
});

const ofAny = {
  environment: environment.meta({ description: "Whose it is, and where the secrets are looked up." }),
  owner: role,
  rpo: span(1).optional().meta({ description: "How old the newest row of a copy may be.", default: "15m" }),
  watch: z.literal(true, { error: "must be true" }).optional().meta({
    description:
      "Somebody else makes them, such as another account that pulls: Fairway reads what is there and makes none.",
  }),
  cron: cron
    .optional()
    .meta({ description: "When they are made: times in UTC, with five fields.", examples: ["15 2 * * *"] }),
  from: day.optional(),
  grace: grace.optional(),
  drill: owed.optional().meta({ description: "When one is restored and looked at." }),
  "delete-probe": owed
    .extend({
      file: absolute.meta({ description: "A file of the repository's place that nobody needs, such as canary." }),
      as: form(/^[a-z_][a-z0-9_-]{0,31}$/u, "must be the name of a user of the machine")
        .optional()
        .meta({
          description: "The user that makes backups; the daemon's own when left out.",
        }),
    })
    .optional()
    .meta({ description: "When it is tried to delete a file there, which must be refused." }),
  monitor: z
    .strictObject({
      database: databaseSecret.optional(),
      standbys: wholeNumber(0, 100).optional().meta({ description: "How many follow it.", default: 0 }),
      lag: z
        .strictObject({
          warn: span(1).optional().meta({ default: "60s" }),
          page: span(1).optional().meta({ default: "300s" }),
        })
        .optional()
        .meta({ description: "How far behind a standby may be." }),
      archive: z
        .union([z.literal(false), span(1)], { error: "must be a span such as 15m, or false" })
        .optional()
        .meta({ description: "How long a file of the log may wait to be archived.", default: "15m" }),
    })
    .optional()
    .meta({ description: "What is looked at of the server each minute: its archive, and who follows it." }),
  ...shared,
};

const ofCopy = {
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
  boot: z
    .strictObject({
      service: form(/^[a-z][a-z0-9-]{0,39}$/u, "must be the name of a service").meta({
        description: "What of the release in production is started on the copy.",
      }),
      path: form(/^\/[^\s]*$/u, "must be a path such as /health")
        .optional()
        .meta({ default: "/" }),
      port: wholeNumber(1, 65_535).optional().meta({ description: "Told as PORT.", default: 8080 }),
      within: span(1).optional().meta({ default: "60s" }),
      secrets,
    })
    .optional()
    .meta({
      description: "A program that is started on the copy from its archived files, and asked whether it is well.",
    }),
};

const dump = z.strictObject({
  driver: z
    .literal("pg_dump")
    .meta({ description: "A logical dump by PostgreSQL's pg_dump, encrypted by age before it touches the disk." }),
  database: databaseSecret,
  recipient: form(/^age1[02-9ac-hj-np-z]{58}$/u, "must be a public key of age, such as age1…").meta({
    description: "Whom backups are encrypted to: what age-keygen calls the public key.",
  }),
  identity: secret.meta({
    description: "The name of the secret with the key that opens them: what age-keygen wrote.",
    examples: ["BACKUP_IDENTITY"],
  }),
  directory: absolute.meta({
    description: "Where they are kept: a directory of each, which nothing else writes to.",
    examples: ["/mnt/backups/shop"],
  }),
  keep: wholeNumber(1, 1000).optional().meta({ description: "How many are kept.", default: 14 }),
  ...ofCopy,
  ...ofAny,
});

const pgbackrest = z.strictObject({
  driver: z.literal("pgbackrest").meta({ description: "Files and log of a server, by pgBackRest." }),
  stanza: form(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/u, "must be the name of a stanza"),
  config: absolute.optional().meta({ default: "/etc/pgbackrest/pgbackrest.conf" }),
  repository: wholeNumber(1, 256).optional().meta({ description: "Which of its repositories.", default: 1 }),
  key: secret.optional().meta({
    description: "The name of the secret with the repository's passphrase; left out where the configuration has it.",
    examples: ["PGBACKREST_KEY"],
  }),
  full: cron.optional().meta({
    description: "When the next one is full: times in UTC. Those of `cron` between are incremental.",
    examples: ["15 1 * * 0"],
  }),
  database: databaseSecret.optional(),
  superuser: form(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/u, "must be the name of a role of PostgreSQL")
    .optional()
    .meta({
      default: "postgres",
    }),
  ...ofCopy,
  ...ofAny,
});

const restic = z.strictObject({
  driver: z
    .literal("restic")
    .meta({ description: "Files of releases after each deployment, or directories, by restic." }),
  repository: form(/^[^\s@]+$/u, "must be a repository of restic without a user in it").meta({
    examples: ["/mnt/backups/artifacts", "s3:https://s3.amazonaws.com/bucket"],
  }),
  password: secret.meta({ description: "The name of the secret with its password.", examples: ["RESTIC_PASSWORD"] }),
  within: span(1).optional().meta({
    description: "How long after a deployment its files may be on their way. Not where `paths` are given.",
    default: "60m",
  }),
  paths: list(absolute, "paths").min(1, { error: "must name at least one" }).optional().meta({
    description: "What is backed up by `cron`; files of the environment's releases when left out.",
  }),
  secrets,
  ...ofAny,
});

const command = z.strictObject({
  driver: z.literal("command").meta({ description: "Programs of your own, which make, list, restore and verify." }),
  make: words.optional().meta({ description: "Makes one. Not where they are watched only." }),
  list: words.meta({
    description: "Prints what the repository has as a JSON list: id, startedAt, endedAt, bytes, encrypted of each.",
  }),
  restore: words.meta({ description: "Is given an id and a directory that is not there, and restores into it." }),
  verify: words.meta({
    description:
      'Is given the same, and prints {"whole":true,"files":N} once it has compared what came back: no exit code counts.',
  }),
  restores: z.enum(["files", "dump"], { error: 'must be "files" or "dump"' }).optional().meta({
    description: "What `restore` leaves: files, or one file `dump` of pg_dump's custom format.",
    default: "files",
  }),
  timeout: span(1).optional().meta({ default: "6h" }),
  database: databaseSecret.optional(),
  secrets,
  ...ofCopy,
  ...ofAny,
});

const awsSchedule = form(
  /^(?:cron|rate)\([^)]{3,100}\)$/u,
  'must be a schedule of AWS such as "cron(0 3 * * ? *)", in UTC',
);
const arn = form(/^arn:aws[a-z-]*:[^\s]+$/u, "must be an ARN");
const aws = z.strictObject({
  driver: z
    .literal("aws-backup")
    .meta({ description: "Recovery points of AWS Backup, which AWS makes, copies and tries." }),
  region: form(/^[a-z]{2}(?:-[a-z]+)+-\d$/u, "must be a region such as eu-central-1"),
  credentials: z
    .strictObject({ "access-key-id": secret, "secret-access-key": secret })
    .optional()
    .meta({ description: "The names of the secrets with an access key; left out where the daemon has a role." }),
  vault: form(/^[A-Za-z0-9_-]{2,50}$/u, "must be the name of a vault"),
  copy: z
    .strictObject({ vault: arn, within: span(1).optional().meta({ default: "24h" }) })
    .optional()
    .meta({ description: "The vault of another account or region, and how far behind it may be." }),
  resource: arn.meta({ description: "What is backed up." }),
  role: arn.meta({ description: "As whom AWS Backup does it." }),
  plan: z
    .strictObject({
      schedule: awsSchedule,
      "keep-days": wholeNumber(1, 36_500).meta({ description: "After which AWS deletes a recovery point." }),
      "copy-keep-days": wholeNumber(1, 36_500).optional().meta({
        description: "The same for the copy; as long as the first when left out.",
      }),
    })
    .optional()
    .meta({
      description:
        "A plan that Fairway keeps so at AWS: backups and copies are then made by it. Fairway begins only what it misses.",
    }),
  "restore-test": z
    .union(
      [
        form(/^[A-Za-z0-9_]{1,50}$/u, "must be the name of a restore testing plan"),
        z.strictObject({
          schedule: awsSchedule,
          type: sentence.meta({ description: "AWS's word for the resource.", examples: ["RDS", "Aurora", "EBS"] }),
          "validate-hours": wholeNumber(1, 168).optional().meta({
            description: "How long what AWS restored stays to be looked at.",
            default: 4,
          }),
        }),
      ],
      { error: "must be the name of a restore testing plan, or { schedule, type, validate-hours }" },
    )
    .optional()
    .meta({
      description:
        "AWS restores the newest recovery point now and then: by a plan of your own, or by one that Fairway keeps so.",
    }),
  ...ofAny,
});

const drivers = ["pg_dump", "pgbackrest", "restic", "command", "aws-backup"] as const;

/** The form of ops/backups.yaml. */
export const backupsForm: z.ZodType<WrittenBackups> = z.strictObject({
  backups: z.record(
    form(/^[a-z0-9][a-z0-9-]{0,39}$/u, "must be small letters, digits and dashes"),
    z.discriminatedUnion("driver", [dump, pgbackrest, restic, command, aws], {
      error: `must have a driver: ${drivers.join(", ")}`,
    }),
    { error: "must be backups by their names" },
  ),
});
