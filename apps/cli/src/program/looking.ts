import { auditCommands } from "./audit-commands.ts";
import { checkCommands } from "./check-commands.ts";
import { contractCommands } from "./contract-commands.ts";
import { doraCommands } from "./dora-commands.ts";
import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";
import { noticeCommands } from "./notice-commands.ts";

/** What changes nothing that runs. */
export const looking: readonly Entry[] = [
  checkCommands,
  {
    usage: "workflow",
    summary: "GitHub Actions workflows: run, check, …",
    load: async () => (await import("../commands/workflow/run.ts")).workflowRun,
    below: [
      {
        usage: "run <file>",
        summary: "run a workflow file of a commit",
        more: "Runs it as GitHub would for the event: a name, or a JSON file with what GitHub would send. Without one it takes what the workflow listens to. Exit code 1 also says that the event starts nothing.",
        options: [
          ["--job <job>", "only this job and what it needs"],
          ["--event <event>", "push, pull_request, …, or a JSON file"],
          ["--input <inputs...>", "for one that is started by hand: NAME=VALUE"],
          ["--ref <ref>", "of a branch, tag or commit", "HEAD"],
          ["--ignore-uncommitted", "although the working tree has changes that are in no commit"],
          follow,
        ],
        load: async () => (await import("../commands/workflow/run.ts")).workflowRun,
      },
      {
        usage: "check [file]",
        summary: "say what becomes of every line of a workflow",
        more: "Marks every construct as enforced, emulated, without effect or rejected, and reports what will not do what its author wants, with a patch where there is one. Without a file it takes all of .github/workflows. Needs no daemon. Exit code 1 says that a workflow cannot run here.",
        options: [
          ["--sarif", "print SARIF 2.1.0, for code hosts and editors"],
          ["--containers", "as if a container engine were configured"],
        ],
        load: async () => (await import("../commands/workflow/check.ts")).checkWorkflows,
      },
      {
        usage: "lock",
        summary: "write down the commits of the actions used",
        more: "Writes .github/fairway-actions.lock with the commit of every action of another repository that is not built in, also of those that such actions use. What is locked stays until it is renewed. Needs no daemon.",
        options: [
          ["--renew", "look all of them up again"],
          ["--server <url>", "where the repositories are", "https://github.com"],
        ],
        load: async () => (await import("../commands/workflow/lock.ts")).lockActions,
      },
    ],
  },
  {
    usage: "migrations",
    summary: "migrations: status, plan, resolve, lint, …",
    load: async () => (await import("../commands/migrations/lint.ts")).lintMigrations,
    below: [
      {
        usage: "lint [folder]",
        summary: "say what migrations do to those who use it",
        more: "Reads a folder of SQL, Prisma, Drizzle, Flyway or Alembic with PostgreSQL's own parser: what each migration asks of old programs, and which statements lock or break. Needs no daemon and no database. Exit code 1 says that there are errors.",
        options: [
          ["--tool <tool>", "whose folder it is, where that cannot be seen"],
          ["--sql <file>", "what alembic upgrade --sql or prisma migrate diff --script printed; - is the input"],
        ],
        load: async () => (await import("../commands/migrations/lint.ts")).lintMigrations,
      },
      {
        usage: "check [folder]",
        summary: "try migrations on a shadow database",
        more: "Makes a database, runs the migrations statement by statement, and says how long each took, which locks it held and what PostgreSQL refused; a way back is tried too. Uses the server of FAIRWAY_SHADOW_DATABASE_URL, else one of its own for as long as it takes. Needs no daemon. Exit code 1 says that one was refused.",
        options: [
          ["--since <migration>", "the last one that is applied already"],
          ["--tool <tool>", "whose folder it is, where that cannot be seen"],
          ["--sql <file>", "what alembic upgrade --sql or prisma migrate diff --script printed; - is the input"],
        ],
        load: async () => (await import("../commands/migrations/check.ts")).checkMigrations,
      },
      {
        usage: "status <environment>",
        summary: "how migrations stand in an environment",
        more: "Asks each service's database. Exit code 1 says that one could not be asked, or that something keeps migrations from running.",
        options: [["--release <release>", "against this one instead of the one that runs there"]],
        load: async () => (await import("../commands/migrations/status.ts")).migrationStatus,
      },
      {
        usage: "plan <environment> [release]",
        summary: "what a deployment would do to databases",
        more: "A dry run: each migration with its class, when it runs, what it locks and why. Exit code 1 says that it could not be done.",
        load: async () => (await import("../commands/migrations/plan.ts")).migrationPlan,
      },
      {
        usage: "resolve <migration>",
        summary: "say what has become of a migration",
        more: "For one that was left half done, after somebody has put the database right; or for what was applied before Fairway came.",
        options: [
          ["--env <environment>", "whose database it is"],
          ["--as <state>", "applied: it is done; pending: it is still to be run", "applied"],
          ["--through", "the same of all migrations before it"],
          ["--service <service>", "where several have one of its name"],
        ],
        load: async () => (await import("../commands/migrations/status.ts")).resolveMigration,
      },
      {
        usage: "rules",
        summary: "list what the lint looks for",
        load: async () => (await import("../commands/migrations/lint.ts")).lintRulesList,
      },
    ],
  },
  {
    usage: "plan <environment> [release]",
    summary: "what a deployment would do, before it does it",
    more: "Exit code 1 says that it could not be done.",
    options: [["--rollback", "of the last good release instead"]],
    load: async () => (await import("../commands/plan.ts")).plan,
  },
  {
    usage: "runs",
    summary: "list the runs, newest first",
    options: [
      ["-n, --limit <count>", "how many", "20"],
      ["--active", "only those that have not ended"],
      ["--env <environment>", "only of this environment"],
      ["--kind <kind>", "release, deployment, workflow or infrastructure"],
      ["--state <state>", "only in this state: running, failed, …"],
      ["--by <name>", "only of who has this in their name"],
      ["--text <text>", "only with this in the title"],
      ["--before <run>", "only runs before this one"],
    ],
    load: async () => (await import("../commands/runs.ts")).runs,
  },
  {
    usage: "run",
    summary: "one run: show, watch, cancel, retry",
    load: async () => (await import("../commands/runs.ts")).runs,
    below: [
      {
        usage: "show <run>",
        summary: "show its jobs and steps",
        load: async () => (await import("../commands/runs.ts")).showRun,
      },
      {
        usage: "watch <run>",
        summary: "show it until it has ended",
        load: async () => (await import("../commands/runs.ts")).watchRun,
      },
      {
        usage: "cancel <run>",
        summary: "stop it; what it changed is put right first",
        options: [follow],
        load: async () => (await import("../commands/runs.ts")).cancelRun,
      },
      {
        usage: "retry <run>",
        summary: "try what did not succeed again",
        options: [["--done <how>", "the step that was cut off is done, and how you know: go on behind it"], follow],
        load: async () => (await import("../commands/runs.ts")).retryRun,
      },
    ],
  },
  {
    usage: "releases",
    summary: "list the releases, newest first",
    options: [["-n, --limit <count>", "how many", "20"]],
    load: async () => (await import("../commands/release.ts")).releases,
  },
  {
    usage: "deployments [environment]",
    summary: "list what was brought where, newest first",
    options: [["-n, --limit <count>", "how many", "20"]],
    load: async () => (await import("../commands/deployments.ts")).deployments,
    below: [
      {
        usage: "show <run>",
        summary: "show how it ended, and with what evidence",
        more: "Of each failed replica: how its process ended, the last 50 lines that it wrote, and what its health answered last.",
        load: async () => (await import("../commands/deployments.ts")).showDeployment,
      },
    ],
  },
  {
    usage: "environments",
    summary: "list the environments in order of promotion",
    more: "With where people find them, what brings releases there, what that is held to, and how much runs.",
    options: [["--md", "as a Markdown table"]],
    load: async () => (await import("../commands/environments.ts")).environments,
  },
  {
    usage: "doctor",
    summary: "look for what is wrong with machine and daemon",
    more: "Works without a daemon too. Exit code 1 says that something is wrong.",
    load: async () => (await import("../commands/doctor.ts")).doctor,
  },
  {
    usage: "manual <words...>",
    summary: "search how Fairway is used",
    more: "Names the file and the line of each part that is about these words. Works without a daemon. Exit code 1 says that none is.",
    options: [["-n, --limit <count>", "how many", "5"]],
    load: async () => (await import("../commands/manual.ts")).searchManual,
  },
  contractCommands,
  doraCommands,
  noticeCommands,
  auditCommands,
];
