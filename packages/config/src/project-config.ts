// Written from schema.ts by tools/generate-reference.mjs; a test fails when it differs.

/** The configuration of one repository. */
export interface ProjectConfig {
  /** Where editors find this schema. Fairway does not read it. */
  readonly $schema?: string | undefined;
  /**
   * The project's name.
   * @example "marketplace"
   */
  readonly name: string;
  readonly registry?: Registry | undefined;
  readonly provenance?: Provenance | undefined;
  readonly flags?: FlagsConfig | undefined;
  readonly forge?: ForgeConfig | undefined;
  /**
   * What a deployment plans, shows and applies before the services move, by name. Where there is none the stage is
   * absent.
   */
  readonly infrastructure?: Readonly<Record<string, InfrastructureConfig>> | undefined;
  /**
   * Where people are told of what happens, by name.
   * @example {"team":{"slack":{"webhook":{"secret":"SLACK_WEBHOOK"}}}}
   */
  readonly notices?: Readonly<Record<string, NoticeChannelConfig>> | undefined;
  /** What the repository holds that is checked, built and run, by name. */
  readonly services: Readonly<Record<string, ServiceConfig>>;
  /** The places it is deployed to, in the order of promotion, by name. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>> | undefined;
  readonly previews?: PreviewsConfig | undefined;
  /** What is started by itself, by name. */
  readonly triggers?: Readonly<Record<string, TriggerConfig>> | undefined;
}

/**
 * Where images are pushed to and pulled from, by digest: any OCI registry. Without it images stay in the engine of
 * the machine that built them.
 * @example {"server":"registry.example.com/shop","username":"ci","password":{"secret":"REGISTRY_PASSWORD"}}
 * @example {"server":"127.0.0.1:5000/shop","insecure":true}
 */
export interface Registry {
  /**
   * What the name of every image begins with; the service's name follows.
   * @example "registry.example.com/shop"
   * @example "127.0.0.1:5000"
   */
  readonly server: string;
  /** Who we are there; secrets are those of builds (`secrets/build.env`). */
  readonly username?:
    | string
    | {
        readonly secret: string;
      }
    | undefined;
  /**
   * The name of the secret with the password or token.
   * @example {"secret":"REGISTRY_PASSWORD"}
   */
  readonly password?:
    | {
        readonly secret: string;
      }
    | undefined;
  /**
   * File with the certificate of its authority (PEM), where not everybody trusts it. Without it
   * `FAIRWAY_REGISTRY_CA` of the daemon counts.
   */
  readonly ca?: string | undefined;
  /**
   * Plain HTTP, for a registry at this machine's loopback.
   * @default false
   */
  readonly insecure?: boolean | undefined;
  /**
   * Of how many of the newest releases the images stay in the registry, besides those that an environment runs or
   * may go back to. Without it nothing is deleted there.
   * @example 50
   */
  readonly keep?: number | undefined;
}

/**
 * How releases are signed besides by the key of this installation.
 * @example {"sigstore":{"trustedRoot":"/etc/fairway/trusted-root.json","identity":{"issuer":"https://accounts.example.com","subject":"release@example.com"}}}
 */
export interface Provenance {
  readonly sigstore: Sigstore;
}

/** Signs each release with Sigstore, besides with the key of this installation. */
export interface Sigstore {
  /**
   * The authority that certifies who signs. Sigstore's public one when left out.
   * @example "https://fulcio.example.com"
   */
  readonly fulcio?: string | undefined;
  /**
   * The log in which each signature is written down. Sigstore's public one when left out.
   * @example "https://rekor.example.com"
   */
  readonly rekor?: string | undefined;
  /**
   * The name of the secret (`secrets/build.env`) with the OpenID Connect identity token to sign with. Without it
   * `SIGSTORE_ID_TOKEN` of the daemon counts.
   * @example {"secret":"SIGSTORE_TOKEN"}
   */
  readonly token?:
    | {
        readonly secret: string;
      }
    | undefined;
  /**
   * File with the authorities and logs that are trusted, as Sigstore writes it. Verification needs no network by it;
   * a copy is kept with each release.
   * @example "/etc/fairway/trusted-root.json"
   */
  readonly trustedRoot: string;
  /** Whom a signature must be by. Another's is refused, also where it is as valid. */
  readonly identity: {
    /**
     * Who vouches for whoever signs.
     * @example "https://token.actions.githubusercontent.com"
     */
    readonly issuer: string;
    /**
     * Who signs, to the letter: an address, or a URI.
     * @example "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main"
     */
    readonly subject: string;
  };
}

/**
 * Where feature flags are kept whose standing a release records. Without it they are those of Fairway's own store.
 * @example {"source":"unleash","url":"https://unleash.example.com","key":{"secret":"UNLEASH_TOKEN"}}
 */
export interface FlagsConfig {
  /** Whose flags they are. */
  readonly source: "unleash" | "launchdarkly";
  /**
   * Where it answers, without `/api/client` or `/sdk`. LaunchDarkly's own service when left out.
   * @example "https://unleash.example.com"
   */
  readonly url?: string | undefined;
  /**
   * The name of the secret with the key that reads an environment's flags, looked up in that environment: Unleash's
   * backend token, LaunchDarkly's SDK key. An environment without it has no flags.
   * @example {"secret":"FLAGS_KEY"}
   */
  readonly key: {
    readonly secret: string;
  };
}

/**
 * Where the repository is kept with others, and what is told there. Secrets are those of the scope `forge`
 * (`secrets/forge.env`). Without it events come from this machine alone: from a hook of git or by the API.
 * @example {"git":{"remote":"origin"}}
 */
export interface ForgeConfig {
  readonly git?: GitForge | undefined;
  readonly github?: GitHubForge | undefined;
}

/** Any git repository: its branches and tags are looked at now and then. */
export interface GitForge {
  /**
   * The remote whose branches are looked at. Without it, the branches of the repository itself.
   * @example "origin"
   */
  readonly remote?: string | undefined;
  /**
   * Between two looks at its branches.
   * @default "1m"
   */
  readonly every?: number | string | undefined;
  /**
   * Whether `on:` of the repository's GitHub workflow files starts them here.
   * @default true
   */
  readonly workflows?: boolean | undefined;
}

/**
 * A repository at GitHub, or at an Enterprise Server of one's own.
 * @example {"repository":"acme/shop","token":{"secret":"GITHUB_TOKEN"},"webhookSecret":{"secret":"GITHUB_WEBHOOK_SECRET"}}
 */
export interface GitHubForge {
  /**
   * Which repository it is.
   * @example "acme/shop"
   */
  readonly repository: string;
  /**
   * By which the local repository knows it.
   * @default "origin"
   */
  readonly remote?: string | undefined;
  /**
   * Where it answers: that of an Enterprise Server ends with `/api/v3`.
   * @default "https://api.github.com"
   */
  readonly api?: string | undefined;
  /**
   * The name of the secret with a token, where it is no App.
   * @example {"secret":"GITHUB_TOKEN"}
   */
  readonly token?:
    | {
        readonly secret: string;
      }
    | undefined;
  readonly app?: GitHubApp | undefined;
  /**
   * The name of the secret that webhooks are signed with. Without it none are taken.
   * @example {"secret":"GITHUB_WEBHOOK_SECRET"}
   */
  readonly webhookSecret?:
    | {
        readonly secret: string;
      }
    | undefined;
  /** The one from before, while it is being changed: both are good. */
  readonly formerWebhookSecret?:
    | {
        readonly secret: string;
      }
    | undefined;
  /**
   * Between two looks at its branches.
   * @default "5m"
   */
  readonly every?: number | string | undefined;
  /**
   * Whether `on:` of the repository's GitHub workflow files starts them here.
   * @default false
   */
  readonly workflows?: boolean | undefined;
  /**
   * Whether a tag whose release reaches the last environment gets a release at GitHub.
   * @default false
   */
  readonly releases?: boolean | undefined;
  /**
   * Where an Enterprise Server is, as ranges of private addresses. It opens nothing: whoever runs the daemon does,
   * with `fairway up --allow-private`; without this it may be anywhere that they let in.
   * @example ["10.1.0.0/16"]
   */
  readonly allowPrivate?: readonly string[] | undefined;
}

/** A GitHub App that is installed at the repository. Check runs need one. */
export interface GitHubApp {
  /** The App's number. */
  readonly id: number;
  /** Of its installation; asked for when left out. */
  readonly installation?: number | undefined;
  /**
   * The name of the secret with its private key (PEM).
   * @example {"secret":"GITHUB_APP_KEY"}
   */
  readonly key: {
    readonly secret: string;
  };
}

/**
 * Infrastructure that is planned and applied as one, by the user's own Terraform or OpenTofu.
 * @example {"folder":"infrastructure","program":"tofu","drift":"0 6 * * *"}
 */
export interface InfrastructureConfig {
  /**
   * The folder of its code, relative to the repository.
   * @example "infrastructure/network"
   */
  readonly folder: string;
  /**
   * The program that plans and applies it, found on the PATH, or the commands of another.
   * @default "terraform"
   */
  readonly program?:
    | "terraform"
    | "tofu"
    | {
        /** Says what would change and changes nothing. It may write the plan to the file that `FAIRWAY_PLAN_FILE` names. */
        readonly plan: Command;
        /** Does it, by the file that `FAIRWAY_PLAN_FILE` names where there is one. */
        readonly apply: Command;
        /** Prints what a person should see of the plan; without it they see what `plan` prints. */
        readonly show?: Command | undefined;
        /** Takes all of it away. */
        readonly destroy?: Command | undefined;
        /** What the exit codes of `plan` mean; every other is a failure. */
        readonly exitCodes?:
          | {
              /**
               * There is nothing to do.
               * @default [0]
               */
              readonly nothing?: readonly number[] | undefined;
              /**
               * There is something to do.
               * @default [2]
               */
              readonly changes?: readonly number[] | undefined;
            }
          | undefined;
      }
    | undefined;
  /**
   * Stacks that are applied before it.
   * @example ["network"]
   */
  readonly after?: readonly string[] | undefined;
  /**
   * The workspace of the state; it is made when it is not there.
   * @default "default"
   */
  readonly workspace?: string | undefined;
  /**
   * Variables of the code, as texts; lists and maps as HCL writes them.
   * @example {"size":"2","password":{"secret":"DB_PASSWORD"}}
   */
  readonly variables?: Readonly<Record<string, Value>> | undefined;
  /**
   * Files of variables, relative to the folder.
   * @example ["staging.tfvars"]
   */
  readonly varFiles?: readonly string[] | undefined;
  /**
   * Environment variables of the program: what its providers sign in with.
   * @example {"AWS_SECRET_ACCESS_KEY":{"secret":"AWS_SECRET_ACCESS_KEY"}}
   */
  readonly env?: Readonly<Record<string, Value>> | undefined;
  /**
   * What the code's backend block leaves out. Without a backend in the code Fairway keeps the state.
   * @example {"key":"staging/network"}
   */
  readonly backend?: Readonly<Record<string, Value>> | undefined;
  /**
   * Where it is, with what is different there; in every environment when left out. Variables, `env` and `backend`
   * are laid over those of the stack, the rest takes their place.
   */
  readonly environments?:
    | Readonly<
        Record<
          string,
          {
            /**
             * The workspace of the state; it is made when it is not there.
             * @default "default"
             */
            readonly workspace?: string | undefined;
            /**
             * Variables of the code, as texts; lists and maps as HCL writes them.
             * @example {"size":"2","password":{"secret":"DB_PASSWORD"}}
             */
            readonly variables?: Readonly<Record<string, Value>> | undefined;
            /**
             * Files of variables, relative to the folder.
             * @example ["staging.tfvars"]
             */
            readonly varFiles?: readonly string[] | undefined;
            /**
             * Environment variables of the program: what its providers sign in with.
             * @example {"AWS_SECRET_ACCESS_KEY":{"secret":"AWS_SECRET_ACCESS_KEY"}}
             */
            readonly env?: Readonly<Record<string, Value>> | undefined;
            /**
             * What the code's backend block leaves out. Without a backend in the code Fairway keeps the state.
             * @example {"key":"staging/network"}
             */
            readonly backend?: Readonly<Record<string, Value>> | undefined;
          }
        >
      >
    | undefined;
  /**
   * Which outputs services are given, by environment variable.
   * @example {"QUEUE_URL":"queue_url"}
   */
  readonly outputs?:
    | Readonly<
        Record<
          string,
          | string
          | {
              /** The name of the output. */
              readonly output: string;
              /** Which services are given it; all when left out. */
              readonly services?: readonly string[] | undefined;
            }
        >
      >
    | undefined;
  /**
   * How long another's lock of the state is waited for.
   * @default "60s"
   */
  readonly lockTimeout?: number | string | undefined;
  /**
   * How long one command may take.
   * @default "60m"
   */
  readonly timeout?: number | string | undefined;
  /**
   * Resources that go only when the person who approves names them: all, none, or those of a list of addresses, with
   * `*` for any part.
   * @default true
   */
  readonly preventDestroy?: boolean | readonly string[] | undefined;
  /** Differences that are to be left alone, for a time. */
  readonly ignore?:
    | readonly {
        /**
         * The address of a resource, with `*` for any part of it.
         * @example "aws_instance.web*"
         */
        readonly resource: string;
        /**
         * A field of it, with what is below; all of it when left out.
         * @example "tags"
         */
        readonly field?: string | undefined;
        /** Why, for whoever meets the rule. */
        readonly reason: string;
        /**
         * After which it is told again.
         * @example "2027-01-31"
         */
        readonly until: string;
      }[]
    | undefined;
  /**
   * When the world is compared with the code.
   * @example "0 6 * * *"
   */
  readonly drift?: string | readonly string[] | undefined;
  /**
   * Who looks after what that finds.
   * @example "platform"
   */
  readonly owner?: string | undefined;
}

/**
 * A program and its arguments: a text that is split at spaces and quotes, or a list that is taken as it is. There is
 * no shell: pipes, `&&`, `$VARIABLES` and redirections are refused. Whoever wants one asks for it: `["bash", "-c",
 * "…"]`.
 * @example "node server.mjs"
 * @example ["python3","-m","app"]
 */
export type Command = string | readonly string[];

/**
 * The value of an environment variable, in the open or by the name of a secret.
 * @example "info"
 * @example {"secret":"API_KEY"}
 */
export type Value =
  | string
  | {
      /**
       * The name of a secret; its value is looked up when a process starts and is never written down.
       * @example "API_KEY"
       */
      readonly secret: string;
    };

/** A place where people are told of what happens. */
export interface NoticeChannelConfig {
  /**
   * Slack: an incoming webhook, or a bot, which keeps all of one deployment in one thread.
   * @example {"webhook":{"secret":"SLACK_WEBHOOK"}}
   */
  readonly slack?:
    | {
        /**
         * The name of the secret with the address of an incoming webhook.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly webhook: {
          readonly secret: string;
        };
      }
    | {
        /**
         * The name of the secret with a bot's token, which may `chat:write`.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly token: {
          readonly secret: string;
        };
        readonly channel: string;
        /**
         * Where Slack's API answers.
         * @default "https://slack.com/api"
         */
        readonly api?: string | undefined;
        /**
         * Writes to whoever may approve alone, with a link by which they do. The bot needs `users:read.email` for it.
         * @default false
         */
        readonly links?: boolean | undefined;
      }
    | undefined;
  /** Any address: calls are signed as Standard Webhooks has it. */
  readonly webhook?:
    | {
        /** What is called. */
        readonly url: string;
        /**
         * The name of the secret with what calls are signed with: `whsec_` and at least 24 bytes in base64.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly secret: {
          readonly secret: string;
        };
      }
    | undefined;
  /** E-mail by SMTP. */
  readonly email?:
    | {
        /** `smtps` speaks TLS from the beginning; `smtp` changes to it where the server can. */
        readonly server: string;
        /**
         * Who writes.
         * @example "fairway@example.com"
         */
        readonly from: string;
        /** Who is written to. */
        readonly to: readonly string[];
        /** To log in with. */
        readonly username?: string | undefined;
        /**
         * The name of the secret with the password.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly password?:
          | {
              readonly secret: string;
            }
          | undefined;
      }
    | undefined;
  /** PagerDuty: an incident for what failed, resolved when the environment is well again. */
  readonly pagerduty?:
    | {
        /**
         * The name of the secret with the integration key of Events API v2.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly routingKey: {
          readonly secret: string;
        };
        /**
         * Where it answers.
         * @default "https://events.pagerduty.com"
         */
        readonly api?: string | undefined;
      }
    | undefined;
  /** Datadog: events. */
  readonly datadog?:
    | {
        /**
         * The name of the secret with an API key.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly apiKey: {
          readonly secret: string;
        };
        /**
         * The API of your site.
         * @default "https://api.datadoghq.com"
         */
        readonly api?: string | undefined;
      }
    | undefined;
  /**
   * Prometheus Alertmanager: an alert for what failed, resolved when the environment is well again. What it does
   * with it is routed there.
   */
  readonly alertmanager?:
    | {
        /**
         * Where it answers.
         * @example "https://alertmanager.example.com"
         */
        readonly url: string;
        /** Who asks, where it wants to know. */
        readonly user?: string | undefined;
        /**
         * The name of the secret with the password of the user, or a bearer token where there is no user.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly password?:
          | {
              readonly secret: string;
            }
          | undefined;
      }
    | undefined;
  /**
   * An address outside that is called each minute while Fairway is there. Whoever keeps it tells people once the
   * calls stop.
   * @example {"url":{"secret":"HEALTHCHECK_URL"}}
   */
  readonly deadMansSwitch?:
    | {
        /**
         * The name of the secret with the address that is called.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly url: {
          readonly secret: string;
        };
      }
    | undefined;
  /** Jira: an issue for what a person has to look at; what has one already gets a comment. */
  readonly jira?:
    | {
        /**
         * Your site.
         * @example "https://acme.atlassian.net"
         */
        readonly url: string;
        /**
         * The project's key.
         * @example "OPS"
         */
        readonly project: string;
        /**
         * What is made.
         * @default "Task"
         */
        readonly issueType?: string | undefined;
        /** Whose token it is. */
        readonly user: string;
        /**
         * The name of the secret with an API token.
         * @example {"secret":"NOTICES_KEY"}
         */
        readonly token: {
          readonly secret: string;
        };
      }
    | undefined;
  /**
   * Which notices. Without it: what failed and what waits for a person, and, but for PagerDuty, Alertmanager and
   * Jira, deployments.
   */
  readonly about?:
    | readonly (
        | "release.made"
        | "release.failed"
        | "approval.asked"
        | "deployment.began"
        | "deployment.succeeded"
        | "deployment.failed"
        | "deployment.paused"
        | "deployment.resumed"
        | "deployment.dropped"
        | "rollback.succeeded"
        | "run.attention"
        | "quarantine.set"
        | "verification.revoked"
        | "verification.renewed"
        | "synthetic.failed"
        | "synthetic.recovered"
        | "synthetic.missed"
        | "duty.due"
        | "duty.overdue"
        | "alert.raised"
        | "alert.resolved"
        | "drift.found"
        | "notice.sent"
        | "incident.opened"
        | "incident.confirmed"
        | "incident.closed"
        | "operations.summary"
        | "notices.tested"
      )[]
    | undefined;
  /** Only of these environments. Without it: of all, and of what belongs to none. */
  readonly environments?: readonly string[] | undefined;
  /**
   * Where it is, as ranges of private addresses. It opens nothing: whoever runs the daemon does, with `fairway up
   * --allow-private`; without this it may be anywhere that they let in.
   * @example ["10.0.0.0/8"]
   */
  readonly allowPrivate?: readonly string[] | undefined;
}

/** One deployable of the project. */
export interface ServiceConfig {
  /**
   * The service's folder, relative to the repository.
   * @default "."
   * @example "services/api-gateway"
   */
  readonly path?: string | undefined;
  /**
   * Services that must run the new release before this one.
   * @example ["catalog"]
   */
  readonly dependsOn?: readonly string[] | undefined;
  /**
   * Programs that must be on the PATH. Where one is absent the service is left out, and the run says so.
   * @example ["python3"]
   */
  readonly requires?: readonly string[] | undefined;
  /**
   * Run in the fresh checkout before checks and build: installing what they need.
   * @example ["npm ci"]
   */
  readonly prepare?: readonly TimedCommand[] | undefined;
  /**
   * Questions asked of the source, by name. All must say yes before it becomes part of a release. They run beside
   * each other, as many as there are processors; one that was green for the same inputs is skipped, but for a tag.
   * @example {"test":"node --test","lint":{"command":"ruff check .","report":"ruff"}}
   */
  readonly checks?: Readonly<Record<string, CheckConfig>> | undefined;
  readonly build?: Build | undefined;
  /**
   * Starts one replica, in the artifact's folder. It listens on `PORT`. Without it the service is checked and built,
   * and not deployed.
   */
  readonly run?: Command | undefined;
  readonly static?: Static | undefined;
  readonly container?: Container | undefined;
  readonly contracts?: ContractsConfig | undefined;
  readonly health?: Health | undefined;
  readonly stop?: Stop | undefined;
  /**
   * How many copies run; an environment may say otherwise.
   * @default 1
   * @example 3
   */
  readonly replicas?: number | undefined;
  readonly limits?: Limits | undefined;
  readonly strategy?: Strategy | undefined;
  /**
   * Environment variables of every replica; an environment's are laid over them.
   * @example {"LOG_LEVEL":"info","API_KEY":{"secret":"API_KEY"}}
   */
  readonly env?: Readonly<Record<string, Value>> | undefined;
  /**
   * Gives the service a database of its own in each environment, by `DATABASE_URL`.
   * @default false
   */
  readonly database?: boolean | undefined;
  readonly migrations?: Migrations | undefined;
}

/**
 * A command, alone or with the time, the folder and the variables it gets.
 * @example "npm test"
 * @example {"command":"npm test","timeout":"2m"}
 */
export type TimedCommand =
  | Command
  | {
      readonly command: Command;
      /**
       * How long it may take. Checks get 10 minutes, preparing and build commands 20.
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /**
       * Where it runs, relative to the service's folder.
       * @default "."
       * @example "web"
       */
      readonly cwd?: string | undefined;
      /** Environment variables for this command. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
    };

/**
 * A command that is asked for a yes or a no, alone or with what it gets, waits for and reports.
 * @example "npm test"
 * @example {"command":"ruff check .","report":"ruff"}
 */
export type CheckConfig =
  | Command
  | {
      readonly command: Command;
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /**
       * Where it runs, relative to the service's folder.
       * @default "."
       * @example "web"
       */
      readonly cwd?: string | undefined;
      /** Environment variables for this command. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * Checks of the same service that must have said yes before it begins.
       * @example ["compile"]
       */
      readonly needs?: readonly string[] | undefined;
      /**
       * Programs that must be on the PATH. Where one is absent the check is left out, and the run says so.
       * @example ["ruff"]
       */
      readonly requires?: readonly string[] | undefined;
      readonly report?: Report | undefined;
    };

/**
 * Whose findings are shown with file and line: a tool that Fairway asks for its report itself, or a file that the
 * command writes. Then the answer is what the tool's exit codes mean, and a report that is missing or cannot be read
 * is no yes.
 * @example "eslint"
 * @example {"format":"sarif","file":"scan.sarif"}
 */
export type Report =
  | "eslint"
  | "ruff"
  | "tsc"
  | "pytest"
  | "node-test"
  | "vitest"
  | "hardhat"
  | "forge"
  | "tap"
  | {
      /** What the file is. */
      readonly format: "junit" | "tap" | "sarif" | "eslint" | "ruff";
      /**
       * The file that the command writes, relative to where it runs.
       * @example "reports/junit.xml"
       */
      readonly file: string;
    };

/** How the service's artifact is made. */
export interface Build {
  /**
   * Run one after the other in the service's folder. Without any, the folder itself is the artifact.
   * @example ["npm run build"]
   */
  readonly commands?: readonly TimedCommand[] | undefined;
  /**
   * The folder that becomes the artifact, relative to the service's folder.
   * @default "."
   * @example "dist"
   */
  readonly output?: string | undefined;
  /**
   * What the artifact depends on, relative to the repository. When none of it changed, the artifact is taken over.
   * @default ["."]
   * @example ["services/api-gateway","shared"]
   */
  readonly inputs?: readonly string[] | undefined;
}

/**
 * The artifact is files, or a `.vercel/output` of files, and Fairway serves them: hashed names for ever, pages asked
 * for again and shown meanwhile. In the place of `run`.
 * @example true
 * @example {"fallback":"index.html"}
 */
export type Static =
  | boolean
  | {
      /**
       * The file that answers for every unknown page, as single-page applications need it.
       * @example "index.html"
       */
      readonly fallback?: string | undefined;
    };

/**
 * Runs the service in a container of an engine of this machine (`fairway up --container-engine`). With `run` that
 * command is started in it, else the image's own.
 * @example {}
 * @example {"dockerfile":"Containerfile","args":{"BASE":"node:20"},"port":3000}
 */
export interface Container {
  /**
   * An image that is there already, by its digest. Without it one is built.
   * @example "registry.example.com/api@sha256:0000000000000000000000000000000000000000000000000000000000000000"
   */
  readonly image?: string | undefined;
  /**
   * Relative to the context.
   * @default "Dockerfile"
   * @example "Containerfile"
   */
  readonly dockerfile?: string | undefined;
  /**
   * The folder that is sent to the build, relative to the service's folder.
   * @default "."
   */
  readonly context?: string | undefined;
  /**
   * Build arguments. No secrets: they can be read in the image.
   * @example {"BASE":"node:20"}
   */
  readonly args?: Readonly<Record<string, string>> | undefined;
  /**
   * What it is built for; the engine's own platform when left out. Several make one image of all, and need a
   * registry.
   * @example ["linux/amd64","linux/arm64"]
   */
  readonly platforms?: readonly string[] | undefined;
  /**
   * Where its program always listens. Left out for one that heeds `PORT`.
   * @example 3000
   */
  readonly port?: number | undefined;
  /**
   * Secrets and `DATABASE_URL` are files in `/run/secrets`, and not in its environment, which whoever may use the
   * engine can read: `TOKEN_FILE` says where the one of `TOKEN` is.
   * @default false
   */
  readonly secretFiles?: boolean | undefined;
}

/** Smart contracts, in the place of `run`: nothing is started, and the chain of each environment is changed. */
export interface ContractsConfig {
  /**
   * The folder of build-info files in the artifact, as Hardhat writes them, and Foundry with `--build-info`.
   * @default "build-info"
   * @example "artifacts/build-info"
   */
  readonly buildInfo?: string | undefined;
  /**
   * Under the names by which the registry knows them; each after those that it refers to.
   * @example {"market":{"contract":"TokenMarket","kind":"uups","initializer":{"function":"initialize","args":["$safe"]}}}
   */
  readonly contracts: Readonly<Record<string, ContractConfig>>;
  /**
   * Asked on a fork after a change was tried there, and again after its way back.
   * @example [{"of":"market","function":"isSolvent","equals":"true"}]
   */
  readonly invariants?:
    | readonly {
        /** The name of a contract. */
        readonly of: string;
        /** A function that only reads. */
        readonly function: string;
        /**
         * Its arguments, as texts. `$safe` is who changes the contracts, and `$name` the address of a contract before
         * it. Lists and structures are JSON.
         * @example ["$safe","$token","1000000"]
         */
        readonly args?: readonly string[] | undefined;
        /**
         * What it must answer.
         * @example "true"
         */
        readonly equals: string;
      }[]
    | undefined;
}

/** One smart contract. */
export interface ContractConfig {
  /**
   * As the compiler knows it.
   * @example "TokenMarket"
   */
  readonly contract: string;
  /**
   * How it changes: an upgrade of what a proxy leads to (`uups`, `transparent`, `beacon`), a new instance that the
   * registry names from then on, or never.
   */
  readonly kind: "uups" | "transparent" | "beacon" | "instance" | "immutable";
  /**
   * Of its constructor; those of the implementation where it is behind a proxy. `$safe` is who changes the
   * contracts, and `$name` the address of a contract before it.
   * @example ["$safe","1000000"]
   */
  readonly args?: readonly string[] | undefined;
  /**
   * Sets a new proxy up, in the transaction that makes it.
   * @example {"function":"initialize","args":["$safe"]}
   */
  readonly initializer?:
    | {
        /**
         * By its name, or its whole signature.
         * @example "initialize"
         */
        readonly function: string;
        /**
         * Its arguments, as texts. `$safe` is who changes the contracts, and `$name` the address of a contract before
         * it. Lists and structures are JSON.
         * @example ["$safe","$token","1000000"]
         */
        readonly args?: readonly string[] | undefined;
      }
    | undefined;
  /** Called in the transaction of an upgrade. No way back takes back what it writes. */
  readonly migrate?:
    | {
        /**
         * By its name, or its whole signature.
         * @example "initialize"
         */
        readonly function: string;
        /**
         * Its arguments, as texts. `$safe` is who changes the contracts, and `$name` the address of a contract before
         * it. Lists and structures are JSON.
         * @example ["$safe","$token","1000000"]
         */
        readonly args?: readonly string[] | undefined;
      }
    | undefined;
  /**
   * Of its address, which follows from this, its code and its arguments (CREATE2). The name of the service when left
   * out.
   */
  readonly salt?: string | undefined;
  /**
   * Checks of OpenZeppelin's upgrades-core that the team answers for itself.
   * @example ["delegatecall"]
   */
  readonly unsafeAllow?: readonly string[] | undefined;
}

/**
 * How a replica is asked whether it is well: a path, or an object. Any 2xx answer is a yes. A replica gets no
 * traffic before its first yes.
 * @example "/healthz"
 * @example {"path":"/up","startWithin":"1m"}
 */
export type Health =
  | string
  | {
      /**
       * The path that is asked.
       * @default "/healthz"
       */
      readonly path?: string | undefined;
      /**
       * Between two questions to a ready replica.
       * @default "1s"
       */
      readonly interval?: number | string | undefined;
      /**
       * For one answer.
       * @default "2s"
       */
      readonly timeout?: number | string | undefined;
      /**
       * From the start of the process to its first good answer.
       * @default "30s"
       */
      readonly startWithin?: number | string | undefined;
    };

/** How a replica is ended: no new requests, then the drain, then SIGTERM. */
export interface Stop {
  /**
   * For the requests that are still open.
   * @default "30s"
   */
  readonly drain?: number | string | undefined;
  /**
   * From SIGTERM to SIGKILL.
   * @default "30s"
   */
  readonly grace?: number | string | undefined;
}

/**
 * The most that one replica may use. Enforced by the kernel where Fairway may make control groups; `fairway doctor`
 * says what can be enforced on this machine.
 * @example {"memory":"256MiB","cpus":0.5}
 */
export interface Limits {
  /**
   * Of all processes of a replica together. One that uses more is ended and replaced.
   * @example "256MiB"
   */
  readonly memory?: string | undefined;
  /**
   * Processors, also a part of one. A replica that wants more is slowed down.
   * @example 0.5
   */
  readonly cpus?: number | undefined;
  /**
   * Open files and connections of each process.
   * @example 1024
   */
  readonly files?: number | undefined;
}

/**
 * How a new release takes over from the old one. The default adds capacity before it takes any away.
 * @example "blue-green"
 * @example {"rolling":{"minimumHealthyPercent":50,"maximumPercent":100}}
 * @example {"canary":{"steps":[{"weight":10,"pause":"5m"}]}}
 */
export type Strategy =
  | "rolling"
  | "recreate"
  | "blue-green"
  | "canary"
  | "linear"
  | {
      /** Replaces replicas a few at a time, within two bounds and with a breaker. */
      readonly rolling: {
        /**
         * Share of the replicas that must stay ready; rounded up.
         * @default 100
         */
        readonly minimumHealthyPercent?: number | undefined;
        /**
         * Share of the replicas that may run at once; rounded down.
         * @default 200
         */
        readonly maximumPercent?: number | undefined;
        /**
         * How many new replicas may fail before the old release is brought back, or which share of the replicas: rounded
         * up, at least 3 and at most 200.
         * @default "50%"
         * @example 5
         */
        readonly breakerThreshold?: number | string | undefined;
        /**
         * Which failures count: all, or those since a new replica last proved good.
         * @default "cumulative"
         */
        readonly breakerCounts?: "cumulative" | "consecutive" | undefined;
        /**
         * How long a new replica must have stayed healthy before it counts as ready.
         * @default "0s"
         * @example "10s"
         */
        readonly minHealthyTime?: number | string | undefined;
      };
    }
  | {
      /** Ends every old replica before the first new one starts. The service is away meanwhile. */
      readonly recreate: {
        /**
         * How many new replicas may fail before the old release is brought back, or which share of the replicas: rounded
         * up, at least 3 and at most 200.
         * @default "50%"
         * @example 5
         */
        readonly breakerThreshold?: number | string | undefined;
        /**
         * Which failures count: all, or those since a new replica last proved good.
         * @default "cumulative"
         */
        readonly breakerCounts?: "cumulative" | "consecutive" | undefined;
        /**
         * How long a new replica must have stayed healthy before it counts as ready.
         * @default "0s"
         * @example "10s"
         */
        readonly minHealthyTime?: number | string | undefined;
      };
    }
  | {
      /**
       * Raises a full second set, moves all traffic to it at once, and keeps the first until the second has stood its
       * time and long work of the first is done.
       */
      readonly "blue-green": {
        /**
         * How long the old replicas stay, without traffic and ready to take it back, after the switch.
         * @default "1m"
         */
        readonly bake?: number | string | undefined;
        /**
         * How long the old replicas go on running after the deployment, without traffic, so that a rollback is only a
         * switch. They need their memory meanwhile. Without it the deployment ends them.
         * @example "10m"
         */
        readonly keepWarm?: number | string | undefined;
        /**
         * Where people reach the new replicas before they have all the traffic: a host name, or with `true` `preview.`
         * before each host of the service.
         * @example true
         */
        readonly preview?: true | string | undefined;
        /**
         * Whether the environment's `verify` commands must pass against the new replicas before they get any traffic.
         * @default false
         */
        readonly verifyFirst?: boolean | undefined;
        /**
         * How many new replicas may fail before the old release is brought back, or which share of the replicas: rounded
         * up, at least 3 and at most 200.
         * @default "50%"
         * @example 5
         */
        readonly breakerThreshold?: number | string | undefined;
        /**
         * Which failures count: all, or those since a new replica last proved good.
         * @default "cumulative"
         */
        readonly breakerCounts?: "cumulative" | "consecutive" | undefined;
        /**
         * How long a new replica must have stayed healthy before it counts as ready.
         * @default "0s"
         * @example "10s"
         */
        readonly minHealthyTime?: number | string | undefined;
        readonly analysis?: Analysis | undefined;
      };
    }
  | {
      /** Gives the new release a growing share of the traffic, step by step. */
      readonly canary: {
        /**
         * Rising shares; all traffic comes after the last.
         * @example [{"weight":10,"pause":"5m"}]
         */
        readonly steps: readonly {
          /**
           * Share of the traffic, in percent.
           * @example 10
           */
          readonly weight: number;
          /**
           * How long it stays so; `"approval"`: until a person says that it goes on.
           * @default "1m"
           */
          readonly pause?: number | string | undefined;
          /**
           * Which part of everybody gets a feature flag from this step on, in percent. It stays when the deployment
           * succeeds, and is put back when it is undone.
           * @example {"new-checkout":10}
           */
          readonly flags?: Readonly<Record<string, number>> | undefined;
        }[];
        /**
         * How long the old replicas stay, without traffic and ready to take it back, after the switch.
         * @default "1m"
         */
        readonly bake?: number | string | undefined;
        /**
         * How long the old replicas go on running after the deployment, without traffic, so that a rollback is only a
         * switch. They need their memory meanwhile. Without it the deployment ends them.
         * @example "10m"
         */
        readonly keepWarm?: number | string | undefined;
        /**
         * Where people reach the new replicas before they have all the traffic: a host name, or with `true` `preview.`
         * before each host of the service.
         * @example true
         */
        readonly preview?: true | string | undefined;
        /**
         * Whether the environment's `verify` commands must pass against the new replicas before they get any traffic.
         * @default false
         */
        readonly verifyFirst?: boolean | undefined;
        /**
         * Whether clients stay with the release that they met first, by a cookie that the router sets. The application
         * needs to do nothing.
         * @default false
         */
        readonly sticky?: boolean | undefined;
        /**
         * Requests that go to the new release whatever its share: those with any of these headers or cookies.
         * @example {"headers":{"x-canary":"always"}}
         */
        readonly match?:
          | {
              /**
               * Names and values of headers.
               * @example {"x-canary":"always"}
               */
              readonly headers?: Readonly<Record<string, string>> | undefined;
              /**
               * Names and values of cookies.
               * @example {"beta":"yes"}
               */
              readonly cookies?: Readonly<Record<string, string>> | undefined;
            }
          | undefined;
        /**
         * How many new replicas may fail before the old release is brought back, or which share of the replicas: rounded
         * up, at least 3 and at most 200.
         * @default "50%"
         * @example 5
         */
        readonly breakerThreshold?: number | string | undefined;
        /**
         * Which failures count: all, or those since a new replica last proved good.
         * @default "cumulative"
         */
        readonly breakerCounts?: "cumulative" | "consecutive" | undefined;
        /**
         * How long a new replica must have stayed healthy before it counts as ready.
         * @default "0s"
         * @example "10s"
         */
        readonly minHealthyTime?: number | string | undefined;
        readonly analysis?: Analysis | undefined;
      };
    }
  | {
      /** Gives the new release the same share more every so often. */
      readonly linear: {
        /**
         * How much more of the traffic with each step, in percent.
         * @default 20
         */
        readonly step?: number | undefined;
        /**
         * Between two steps.
         * @default "1m"
         */
        readonly every?: number | string | undefined;
        /**
         * How long the old replicas stay, without traffic and ready to take it back, after the switch.
         * @default "1m"
         */
        readonly bake?: number | string | undefined;
        /**
         * How long the old replicas go on running after the deployment, without traffic, so that a rollback is only a
         * switch. They need their memory meanwhile. Without it the deployment ends them.
         * @example "10m"
         */
        readonly keepWarm?: number | string | undefined;
        /**
         * Where people reach the new replicas before they have all the traffic: a host name, or with `true` `preview.`
         * before each host of the service.
         * @example true
         */
        readonly preview?: true | string | undefined;
        /**
         * Whether the environment's `verify` commands must pass against the new replicas before they get any traffic.
         * @default false
         */
        readonly verifyFirst?: boolean | undefined;
        /**
         * Whether clients stay with the release that they met first, by a cookie that the router sets. The application
         * needs to do nothing.
         * @default false
         */
        readonly sticky?: boolean | undefined;
        /**
         * Requests that go to the new release whatever its share: those with any of these headers or cookies.
         * @example {"headers":{"x-canary":"always"}}
         */
        readonly match?:
          | {
              /**
               * Names and values of headers.
               * @example {"x-canary":"always"}
               */
              readonly headers?: Readonly<Record<string, string>> | undefined;
              /**
               * Names and values of cookies.
               * @example {"beta":"yes"}
               */
              readonly cookies?: Readonly<Record<string, string>> | undefined;
            }
          | undefined;
        /**
         * How many new replicas may fail before the old release is brought back, or which share of the replicas: rounded
         * up, at least 3 and at most 200.
         * @default "50%"
         * @example 5
         */
        readonly breakerThreshold?: number | string | undefined;
        /**
         * Which failures count: all, or those since a new replica last proved good.
         * @default "cumulative"
         */
        readonly breakerCounts?: "cumulative" | "consecutive" | undefined;
        /**
         * How long a new replica must have stayed healthy before it counts as ready.
         * @default "0s"
         * @example "10s"
         */
        readonly minHealthyTime?: number | string | undefined;
        readonly analysis?: Analysis | undefined;
      };
    };

/**
 * How the figures of the new release are judged. What is surely worse than the old release ends the rollout; what
 * tells too little asks a person. Without any metric: `errorRate` and `p95`.
 * @example {"errorRate":{"max":2},"p95":{}}
 */
export interface Analysis {
  /** Requests that were answered with 5xx, not answered, or not to the end. */
  readonly errorRate?:
    | {
        /** How much is allowed, in percent of the requests. */
        readonly max?: number | undefined;
        /**
         * Whether it is compared with the old release.
         * @default true
         */
        readonly compare?: boolean | undefined;
        /**
         * How much more than the old release does not matter yet, in percentage points.
         * @default 0.5
         */
        readonly difference?: number | undefined;
      }
    | undefined;
  /** The time that 50 of 100 answers took at most. */
  readonly p50?:
    | {
        /** How long is allowed. */
        readonly max?: number | string | undefined;
        /**
         * Whether it is compared with the old release.
         * @default true
         */
        readonly compare?: boolean | undefined;
        /**
         * How much longer than with the old release does not matter yet, in percent.
         * @default 20
         */
        readonly difference?: number | undefined;
      }
    | undefined;
  /** The time that 90 of 100 answers took at most. */
  readonly p90?:
    | {
        /** How long is allowed. */
        readonly max?: number | string | undefined;
        /**
         * Whether it is compared with the old release.
         * @default true
         */
        readonly compare?: boolean | undefined;
        /**
         * How much longer than with the old release does not matter yet, in percent.
         * @default 20
         */
        readonly difference?: number | undefined;
      }
    | undefined;
  /** The time that 95 of 100 answers took at most. */
  readonly p95?:
    | {
        /** How long is allowed. */
        readonly max?: number | string | undefined;
        /**
         * Whether it is compared with the old release.
         * @default true
         */
        readonly compare?: boolean | undefined;
        /**
         * How much longer than with the old release does not matter yet, in percent.
         * @default 20
         */
        readonly difference?: number | undefined;
      }
    | undefined;
  /** The time that 99 of 100 answers took at most. */
  readonly p99?:
    | {
        /** How long is allowed. */
        readonly max?: number | string | undefined;
        /**
         * Whether it is compared with the old release.
         * @default true
         */
        readonly compare?: boolean | undefined;
        /**
         * How much longer than with the old release does not matter yet, in percent.
         * @default 20
         */
        readonly difference?: number | undefined;
      }
    | undefined;
  /** More numbers, by name, asked of Prometheus or CloudWatch. */
  readonly queries?:
    | Readonly<
        Record<
          string,
          {
            /**
             * PromQL that gives one number; with `cloudwatch` an expression of its metric math, a metric by its name (`Sum
             * AWS/ApplicationELB HTTPCode_Target_5XX_Count LoadBalancer=app/shop/1`), or `alarm NAME`, which is 1 while it
             * fires and 0 else. `{{release}}`, `{{service}}` and `{{environment}}` stand for what is meant.
             * @example "sum(rate(orders_failed_total{release=\"{{release}}\"}[1m]))"
             */
            readonly query: string;
            /** The same for the old release; without it, `query` with the old release for `{{release}}`. */
            readonly stable?: string | undefined;
            /** How much is allowed. */
            readonly max?: number | undefined;
            /** How much there must be. */
            readonly min?: number | undefined;
            /** How much more than with the old release is allowed, in percent. Without it they are not compared. */
            readonly difference?: number | undefined;
          }
        >
      >
    | undefined;
  /** The Prometheus that queries are asked of. */
  readonly prometheus?:
    | {
        /**
         * Where it answers.
         * @example "http://127.0.0.1:9090"
         */
        readonly url: string;
        /** A bearer token to ask with, by the name of a secret. */
        readonly token?:
          | {
              /**
               * The name of the secret.
               * @example "PROMETHEUS_TOKEN"
               */
              readonly secret: string;
            }
          | undefined;
      }
    | undefined;
  readonly cloudwatch?: CloudWatchConfig | undefined;
  /**
   * Alarms of CloudWatch that end the rollout when they fire.
   * @example ["shop-5xx"]
   */
  readonly alarms?: readonly string[] | undefined;
  /**
   * How many requests of each release are needed at each share of traffic; fewer tell nothing.
   * @default 100
   */
  readonly minimumRequests?: number | undefined;
  /**
   * Between two looks.
   * @default "5s"
   */
  readonly every?: number | string | undefined;
  /**
   * How long after a change of the share the figures may take to tell enough. Then a person is asked; nothing passes
   * without figures.
   * @default "10m"
   */
  readonly deadline?: number | string | undefined;
}

/**
 * The CloudWatch that queries are asked of, in the place of Prometheus.
 * @example {"region":"eu-central-1"}
 */
export interface CloudWatchConfig {
  /**
   * The region.
   * @example "eu-central-1"
   */
  readonly region: string;
  /**
   * The account that must be meant. Credentials of another are refused before anything is changed.
   * @example "123456789012"
   */
  readonly account?: string | undefined;
  /**
   * Of the AWS configuration files of the daemon's user, SSO included. Without it the usual chain counts:
   * environment, web identity, container, instance.
   * @example "production"
   */
  readonly profile?: string | undefined;
  /**
   * A role that is taken on with those credentials.
   * @example "arn:aws:iam::123456789012:role/fairway"
   */
  readonly role?: string | undefined;
  /**
   * Takes the role on without any keys: with a token of ten minutes that this daemon signs, whose issuer (`<its
   * address>/oidc`) the role trusts. AWS must be able to reach that address.
   * @example "fairway"
   */
  readonly identity?: "fairway" | undefined;
  /**
   * How far back a number may lie. Only minutes that are over count.
   * @default "5m"
   */
  readonly window?: number | string | undefined;
}

/**
 * The migrations of the service's PostgreSQL. They are read and linted when a release is made; a deployment runs
 * those that expand before the rollout, and those that contract once nothing of the old version runs.
 * @example "migrations"
 * @example {"folder":"prisma/migrations","bake":"10m"}
 */
export type Migrations =
  | string
  | {
      /**
       * The folder that holds them, relative to the service's folder; it may lie elsewhere in the repository.
       * @example "migrations"
       * @example "prisma/migrations"
       * @example "alembic/versions"
       */
      readonly folder: string;
      /** Whose layout it is. Without it the folder says. */
      readonly tool?: "sql" | "prisma" | "drizzle" | "flyway" | "alembic" | undefined;
      /**
       * Prints the SQL of all migrations from the first on, where they are programs. Alembic's is `alembic upgrade
       * base:head --sql`.
       * @example "poetry run alembic upgrade base:head --sql"
       */
      readonly sql?: TimedCommand | undefined;
      /**
       * The newest migration that was applied everywhere before Fairway came. It and those before it are not linted;
       * they are still run where a database lacks them.
       * @example "20250611093000_totals"
       */
      readonly baseline?: string | undefined;
      /**
       * What holds the connection string: a variable of the service, or a secret of the environment that the service
       * itself is not given.
       * @default "DATABASE_URL"
       * @example "DATABASE_URL"
       * @example {"secret":"MIGRATOR_URL"}
       */
      readonly database?:
        | string
        | {
            readonly secret: string;
          }
        | undefined;
      /**
       * Where a release tries them before they run anywhere: by default on a PostgreSQL of Fairway's own. A secret names
       * another one, with the extensions that yours has, by a connection string whose role may make databases
       * (CREATEDB). `false` tries them nowhere, and then no way back counts as tried.
       * @example {"secret":"SHADOW_DATABASE_URL"}
       * @example false
       */
      readonly shadow?:
        | false
        | {
            readonly secret: string;
          }
        | undefined;
      /**
       * How long a statement waits for a lock. After that it lets others pass and is tried again, up to six times.
       * @default "5s"
       */
      readonly lockTimeout?: number | string | undefined;
      /**
       * How long one statement may take.
       * @default "30m"
       * @example "2m"
       */
      readonly statementTimeout?: number | string | undefined;
      /**
       * How long after the verified rollout what the old version needs is taken away (contract migrations). Meanwhile
       * the deployment holds the environment.
       * @default "0s"
       * @example "10m"
       */
      readonly bake?: number | string | undefined;
      /**
       * Run before the database of an environment is changed, in the repository's folder, with the connection string in
       * `DATABASE_URL`, and in `PGHOST`, `PGDATABASE` and so on for PostgreSQL's own programs. A command that fails
       * keeps the migrations from running. Without it there is a restore point in the database's log where the role may
       * make one, else its position is noted; Fairway keeps no copy itself.
       * @example "pg_dump --format=custom --file=/var/backups/shop.dump"
       */
      readonly backup?: TimedCommand | undefined;
    };

/** A named place on the promotion path. */
export interface EnvironmentConfig {
  /**
   * What it is for, in a sentence.
   * @example "Where customers shop"
   */
  readonly purpose?: string | undefined;
  /**
   * Where people find it: an address, or several by what is found there.
   * @example "https://shop.example.com"
   * @example {"frontend":"https://shop.example.com","backend":"https://api.example.com"}
   */
  readonly url?: string | Readonly<Record<string, string>> | undefined;
  /**
   * `automatically` takes every new release; `on-request` waits for `fairway deploy` or `promote`. Without it the
   * first environment is automatic and the others wait.
   */
  readonly deploys?: "automatically" | "on-request" | undefined;
  /**
   * How many people must say yes, or that with who they are. Where people log in, whoever asked for the deployment,
   * or wrote or helped to write a commit that it brings, is none of them.
   * @default 0
   * @example 1
   * @example {"needed":2,"from":{"roles":["approver"]},"expires":"8h"}
   */
  readonly approvals?:
    | number
    | {
        /** How many people must say yes. */
        readonly needed: number;
        /** Whose yes counts. Without it: of whoever may approve in this environment. */
        readonly from?:
          | {
              /**
               * Whoever has one of these roles in this environment.
               * @example ["approver"]
               */
              readonly roles?: readonly string[] | undefined;
              /**
               * These people, by their name or address.
               * @example ["dana","kim@example.com"]
               */
              readonly people?: readonly string[] | undefined;
            }
          | undefined;
        /**
         * How long a yes counts. A deployment that has not begun by then asks again.
         * @default "24h"
         */
        readonly expires?: number | string | undefined;
      }
    | undefined;
  readonly freezes?: Freezes | undefined;
  /**
   * How long before it begins a deployment must have been asked for, so that those who must know of it can be told.
   * A rollback does not wait.
   * @example "24h"
   */
  readonly notice?: number | string | undefined;
  /**
   * What becomes of deployments that wait for this environment: `newest` drops those that a newer commit has
   * overtaken, and an older commit that comes late never replaces a newer one; `all` deploys each in its turn. A
   * rollback goes ahead of all and is never dropped. Without it: `newest` where deployments happen automatically
   * without approval, else `all`.
   * @example "all"
   */
  readonly queue?: "newest" | "all" | undefined;
  /**
   * What puts a release into quarantine: `failures`, a rollback from it or a deployment of it here that failed;
   * `rollbacks`, only a rollback.
   * @default "failures"
   */
  readonly quarantine?: "failures" | "rollbacks" | undefined;
  /**
   * Only what this environment has verified may come; null takes any release. Without it: the environment before
   * this one.
   * @example "staging"
   */
  readonly promotesFrom?: string | null | undefined;
  readonly onlyFrom?: OnlyFrom | undefined;
  /**
   * After this the rollout of a service stops trying: the deployment has stalled, and what ran before is brought
   * back.
   * @default "30m"
   */
  readonly deadline?: number | string | undefined;
  /**
   * Another environment whose `services` and `variables` count here too, with these over them. Its routes stay its
   * own, but a service that has none there has none here.
   * @example "production"
   */
  readonly inherits?: string | undefined;
  /**
   * How many copies run for each one that services and inherited environments ask for, rounded up and at least one.
   * What this environment itself says of `replicas` counts as it is.
   * @default 1
   * @example 0.5
   */
  readonly scale?: number | undefined;
  /** Environment variables of every service here. */
  readonly variables?: Readonly<Record<string, Value>> | undefined;
  /**
   * Asked after the rollouts, in the repository's folder. A no brings the old release back. `fairway verify` asks
   * again at any time, and a no then takes the release's word of being verified here away.
   * @example {"smoke":"node smoke.mjs","shop":{"collection":"tests/shop.postman_collection.json"}}
   */
  readonly verify?: Readonly<Record<string, EnvironmentCheck>> | undefined;
  /**
   * Journeys of users that are made again and again while a release runs here, by name.
   * @example {"checkout":{"journey":"tests/checkout.journey.yaml"}}
   */
  readonly synthetics?: Readonly<Record<string, SyntheticConfig>> | undefined;
  /**
   * How long a deployment goes on watching after it was verified: its journeys are made, and two failures of one in
   * a row bring the old release back.
   * @example "10m"
   */
  readonly bake?: number | string | undefined;
  readonly ecs?: EcsConfig | undefined;
  readonly aws?: AwsConfig | undefined;
  readonly vercel?: VercelConfig | undefined;
  readonly netlify?: NetlifyConfig | undefined;
  /** What is different here, by service. */
  readonly services?: Readonly<Record<string, PlacementConfig>> | undefined;
}

/**
 * When the environment does not change. What is to be deployed waits until it is over, and says so; two people
 * together go through it, on record. A rollback is never held. A freeze holds until the release that takes it away
 * from the configuration has come.
 */
export type Freezes = readonly (
  | {
      /**
       * What whoever is refused is told.
       * @example "The year's accounts are closed"
       */
      readonly because: string;
      /**
       * When it begins: a day, or a day and a time, as clocks there show it.
       * @example "2026-12-22T00:00"
       */
      readonly from: string;
      /**
       * The first moment at which the environment may change again.
       * @example "2026-12-22T00:00"
       */
      readonly to: string;
      /**
       * Whose clocks are meant, by their IANA name.
       * @default "UTC"
       * @example "Europe/Berlin"
       */
      readonly timezone?: string | undefined;
    }
  | {
      /**
       * What whoever is refused is told.
       * @example "The year's accounts are closed"
       */
      readonly because: string;
      /**
       * When it begins each time, as a recurrence rule of RFC 5545.
       * @example "FREQ=WEEKLY;BYDAY=FR"
       */
      readonly repeats: string;
      /**
       * The first time, as clocks there show it; its time of day is that of all others.
       * @example "2026-12-22T00:00"
       */
      readonly starts: string;
      /**
       * How long it lasts each time.
       * @example "63h"
       */
      readonly lasts: number | string;
      /**
       * Whose clocks are meant, by their IANA name.
       * @default "UTC"
       * @example "Europe/Berlin"
       */
      readonly timezone?: string | undefined;
    }
)[];

/**
 * Where commits must come from, however a deployment is asked for. A rollback is not held to it.
 * @example {"tags":"v*","branch":"main"}
 */
export interface OnlyFrom {
  /**
   * The commit bears a tag that fits.
   * @example "v*"
   */
  readonly tags?:
    | Patterns
    | {
        /**
         * Of the tag's name.
         * @example "v*"
         */
        readonly names?: Patterns | undefined;
        /**
         * The tag is a version in this range; a `v` before it is no part of it. Pre-releases count only where the range
         * names one.
         * @example ">=1.0.0"
         */
        readonly semver?: string | undefined;
      }
    | undefined;
  /**
   * The commit is on this branch.
   * @example "main"
   */
  readonly branch?: string | undefined;
}

/**
 * Patterns as GitHub's filters have them: `*` stays within a part of the name, `**` does not, `?`, `+` and `[]` as
 * there, `!` takes out what an earlier one took in, and a later one overrides.
 * @example "main"
 * @example ["release/**","!release/old-*"]
 */
export type Patterns = string | readonly string[];

/**
 * A question asked of what runs: a command, a collection, requests, a journey, a load; or one that AWS answers.
 * @example "node smoke.mjs"
 * @example {"collection":"tests/shop.postman_collection.json"}
 * @example {"smoke":true}
 * @example {"load":{"path":"/","p95":"200ms"}}
 * @example {"alarms":["shop-5xx"]}
 * @example {"scan":"high"}
 */
export type EnvironmentCheck =
  | Command
  | {
      readonly command: Command;
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /** Environment variables for it, and variables of a collection or a journey. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
      /**
       * Where it runs, relative to the repository.
       * @default "."
       * @example "web"
       */
      readonly cwd?: string | undefined;
      readonly report?: Report | undefined;
    }
  | {
      /**
       * A collection of Postman: a file of the format 2.1, or a folder of the format 3 (Postman 12).
       * @example "tests/shop.postman_collection.json"
       */
      readonly collection: string;
      /**
       * A file of an environment of Postman; `env` and the environment's own variables lie over it.
       * @example "tests/staging.postman_environment.json"
       */
      readonly variables?: string | undefined;
      /** A JSON or CSV file: one iteration for each of its rows. */
      readonly data?: string | undefined;
      /** Only this folder of it. */
      readonly folder?: string | undefined;
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /** Environment variables for it, and variables of a collection or a journey. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /**
       * Files of requests: `.hurl`, which the program `hurl` runs, or `.http`, which `httpyac` does, where they are
       * installed.
       * @example "tests/shop.hurl"
       */
      readonly http: string | readonly string[];
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /** Environment variables for it, and variables of a collection or a journey. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /** Every replica must answer, and with the commit of the release, its `GIT_SHA`. */
      readonly smoke:
        | true
        | {
            /** What is asked; the path of the health check when left out. */
            readonly path?: string | undefined;
            /**
             * The field of a JSON answer, or the header, that holds the commit; any when left out.
             * @example "gitSha"
             */
            readonly field?: string | undefined;
            /** Only these; all that run here when left out. */
            readonly services?: readonly string[] | undefined;
          };
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /** Environment variables for it, and variables of a collection or a journey. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /**
       * A journey that is made once: YAML or JSON over HTTP, or a JavaScript module whose steps drive a browser.
       * @example "tests/checkout.journey.yaml"
       */
      readonly journey: string;
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /** Environment variables for it, and variables of a collection or a journey. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      readonly load: LoadCheck;
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /** Environment variables for it, and variables of a collection or a journey. */
      readonly env?: Readonly<Record<string, Value>> | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /**
       * Alarms of CloudWatch. One that fires is a no; one that is not there says nothing, which is no yes.
       * @example ["shop-5xx"]
       */
      readonly alarms: readonly string[];
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /**
       * A canary of CloudWatch Synthetics. Its first run that begins after the question answers it, so `timeout` must be
       * longer than its schedule.
       * @example "shop-checkout"
       */
      readonly canary: string;
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /**
       * What ECR found in the images of the release: from this severity on it is a no. An image that was not scanned yet
       * is.
       * @example "high"
       */
      readonly scan: "critical" | "high" | "medium" | "low";
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    }
  | {
      /** Whether the load balancer of `aws.balancer` calls every replica healthy. */
      readonly targets: "healthy";
      /**
       * How long it may take.
       * @default "10m"
       * @example "2m"
       */
      readonly timeout?: number | string | undefined;
      /**
       * How often it is asked again where it says no. What passes then is listed as flaky, and the deployment goes on.
       * `fairway verify` asks once more at least.
       * @default 0
       */
      readonly retries?: number | undefined;
    };

/**
 * Asks for a time as often as answers come, and holds the answers to limits.
 * @example {"path":"/api/products","connections":20,"p95":"200ms","slower":20}
 */
export interface LoadCheck {
  /**
   * Which service is asked; the address of the environment when left out.
   * @example "api"
   */
  readonly service?: string | undefined;
  /**
   * What is asked.
   * @default "/"
   * @example "/api/products"
   */
  readonly path?: string | undefined;
  /**
   * At once.
   * @default 10
   */
  readonly connections?: number | undefined;
  /**
   * How long, of each release.
   * @default "10s"
   */
  readonly duration?: number | string | undefined;
  /** The time that 95 of 100 answers may take at most. */
  readonly p95?: number | string | undefined;
  /** The time that 99 of 100 answers may take at most. */
  readonly p99?: number | string | undefined;
  /**
   * Answers with 4xx or 5xx and requests without an answer that are allowed, in percent.
   * @default 0
   */
  readonly errors?: number | undefined;
  /**
   * How much longer than with the release before 95 of 100 answers may take, in percent. Where that one still runs
   * both are asked in turns; else it is compared with what was measured of it here.
   * @example 20
   */
  readonly slower?: number | undefined;
}

/**
 * A journey of a user that is made again and again, and whose failing or missing is told to people.
 * @example {"journey":"tests/checkout.journey.yaml","every":"1h"}
 */
export interface SyntheticConfig {
  /**
   * YAML or JSON over HTTP, or a JavaScript module whose steps drive a browser. Each request bears the release.
   * @example "tests/checkout.journey.yaml"
   */
  readonly journey: string;
  /**
   * Between two runs; it is also made after every deployment.
   * @default "1h"
   */
  readonly every?: number | string | undefined;
  /**
   * Where it is made from: labels of workers (`fairway worker frankfurt`). The daemon itself is `here`, and what its
   * variable `FAIRWAY_LOCATIONS` names besides. Where nobody has a label the run is missed, and people are told.
   * @default ["here"]
   * @example ["here","frankfurt"]
   */
  readonly locations?: readonly string[] | undefined;
  /**
   * How long it may take; then it is ended with its browser, and has failed.
   * @default "1m"
   */
  readonly timeout?: number | string | undefined;
  /** Variables of the journey. */
  readonly env?: Readonly<Record<string, Value>> | undefined;
}

/**
 * Services that run on Amazon ECS instead of Fairway's own machine. The cluster and its services are there already;
 * a deployment changes which image they run.
 * @example {"region":"eu-central-1","cluster":"shop","services":{"api":{"service":"shop-api"}}}
 */
export interface EcsConfig {
  /**
   * The region.
   * @example "eu-central-1"
   */
  readonly region: string;
  /**
   * The account that must be meant. Credentials of another are refused before anything is changed.
   * @example "123456789012"
   */
  readonly account?: string | undefined;
  /**
   * Of the AWS configuration files of the daemon's user, SSO included. Without it the usual chain counts:
   * environment, web identity, container, instance.
   * @example "production"
   */
  readonly profile?: string | undefined;
  /**
   * A role that is taken on with those credentials.
   * @example "arn:aws:iam::123456789012:role/fairway"
   */
  readonly role?: string | undefined;
  /**
   * Takes the role on without any keys: with a token of ten minutes that this daemon signs, whose issuer (`<its
   * address>/oidc`) the role trusts. AWS must be able to reach that address.
   * @example "fairway"
   */
  readonly identity?: "fairway" | undefined;
  /**
   * The cluster, which is there already.
   * @example "shop"
   */
  readonly cluster: string;
  /**
   * Between two looks at a service that moves.
   * @default "15s"
   */
  readonly poll?: number | string | undefined;
  /**
   * What runs there, by name. What is not named runs where it did.
   * @example {"api":{}}
   */
  readonly services: Readonly<Record<string, EcsServiceConfig>>;
}

/** One service as ECS has it. */
export interface EcsServiceConfig {
  /**
   * The ECS service, which is there already. The name of Fairway's own service when left out.
   * @example "shop-api"
   */
  readonly service?: string | undefined;
  /** Under which task definitions are registered. The family that the service has when left out. */
  readonly family?: string | undefined;
  /**
   * Which container of the task gets the release's image. Needed where there are several.
   * @example "web"
   */
  readonly container?: string | undefined;
  /**
   * CloudWatch alarms that bring the old release back when they fire while the new one takes over. One that fires
   * already refuses the deployment, for ECS would ignore it.
   * @example ["shop-api-5xx"]
   */
  readonly alarms?: readonly string[] | undefined;
  /**
   * Who moves the service where its deployment controller is CODE_DEPLOY. ECS itself when left out.
   * @example {"application":"shop","group":"shop-api"}
   */
  readonly codeDeploy?: CodeDeployConfig | undefined;
  readonly migrate?: EcsMigrateConfig | undefined;
}

/** The deployment group of AWS CodeDeploy that moves a service, which is there already. */
export interface CodeDeployConfig {
  /**
   * The application of CodeDeploy.
   * @example "shop"
   */
  readonly application: string;
  /**
   * Its deployment group, which names the service and the two target groups.
   * @example "shop-api"
   */
  readonly group: string;
  /**
   * How traffic goes over, by CodeDeploy's name for it. What fits the strategy when left out.
   * @example "CodeDeployDefault.ECSLinear10PercentEvery3Minutes"
   */
  readonly configuration?: string | undefined;
  /**
   * Functions of AWS Lambda that CodeDeploy calls, and whose word it waits for.
   * @example {"AfterAllowTestTraffic":"shop-api-smoke"}
   */
  readonly hooks?: Readonly<Record<string, string>> | undefined;
}

/**
 * Migrations that run inside AWS: a one-off task with the release's image and the network of the service, before any
 * of its tasks is replaced. Once for each deployment, and never on the way back.
 * @example {"command":["alembic","upgrade","head"]}
 */
export interface EcsMigrateConfig {
  /**
   * What runs, as a list of words; the first is a program of the image.
   * @example ["alembic","upgrade","head"]
   */
  readonly command: readonly string[];
  /**
   * What runs longer is stopped, and has failed.
   * @default "15m"
   */
  readonly timeout?: number | string | undefined;
}

/**
 * What of AWS this environment uses besides `ecs`, and as whom. Checks that ask AWS are asked so too; without it
 * they are asked as `ecs` says.
 * @example {"region":"eu-central-1","account":"123456789012","dashboards":true}
 */
export interface AwsConfig {
  /**
   * The region.
   * @example "eu-central-1"
   */
  readonly region: string;
  /**
   * The account that must be meant. Credentials of another are refused before anything is changed.
   * @example "123456789012"
   */
  readonly account?: string | undefined;
  /**
   * Of the AWS configuration files of the daemon's user, SSO included. Without it the usual chain counts:
   * environment, web identity, container, instance.
   * @example "production"
   */
  readonly profile?: string | undefined;
  /**
   * A role that is taken on with those credentials.
   * @example "arn:aws:iam::123456789012:role/fairway"
   */
  readonly role?: string | undefined;
  /**
   * Takes the role on without any keys: with a token of ten minutes that this daemon signs, whose issuer (`<its
   * address>/oidc`) the role trusts. AWS must be able to reach that address.
   * @example "fairway"
   */
  readonly identity?: "fairway" | undefined;
  /**
   * Makes a dashboard of CloudWatch for each service on ECS, which notices lead to.
   * @default false
   */
  readonly dashboards?: boolean | undefined;
  readonly balancer?: BalancerConfig | undefined;
  readonly archive?: AwsArchiveConfig | undefined;
}

/**
 * An Application Load Balancer in front of services that run on Fairway's machine: routes are its rules, the
 * replicas of a release a target group, shares of traffic the weights of a forward.
 */
export interface BalancerConfig {
  /**
   * The listener whose rules Fairway writes, from priority 1000. Rules of others stay, and go first where theirs is
   * lower.
   * @example "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
   */
  readonly listener: string;
  /**
   * The VPC of the load balancer and of this machine.
   * @example "vpc-0a1b2c3d4e5f67890"
   */
  readonly vpc: string;
  /**
   * This machine, as the load balancer reaches it. Replicas then listen on every address (`HOST` is 0.0.0.0): let
   * nobody but the load balancer reach their ports.
   * @example "10.0.1.12"
   */
  readonly address: string;
  /** Where the routing table is kept: each version is an object that is written once. */
  readonly tables: {
    /**
     * The bucket, which is there already.
     * @example "shop-fairway"
     */
    readonly bucket: string;
    /**
     * What the names of its objects begin with.
     * @default "fairway/"
     */
    readonly prefix?: string | undefined;
  };
  /**
   * Whose public traffic it carries; all that run on this machine when left out.
   * @example ["web"]
   */
  readonly services?: readonly string[] | undefined;
}

/**
 * Keeps all that is on record of each release that was deployed here, signed, in S3. Nothing there is ever written
 * over.
 * @example {"bucket":"shop-evidence","hold":{"mode":"compliance","days":2555}}
 */
export interface AwsArchiveConfig {
  /**
   * The bucket, which is there already.
   * @example "shop-fairway"
   */
  readonly bucket: string;
  /**
   * What the names of its objects begin with.
   * @default "fairway/"
   */
  readonly prefix?: string | undefined;
  /** Object lock for what is kept. The bucket's own rule counts when left out. */
  readonly hold?:
    | {
        /** Who may take an object away before its time: somebody with a permission of its own, or nobody. */
        readonly mode: "governance" | "compliance";
        /**
         * For how long.
         * @example 2555
         */
        readonly days: number;
      }
    | undefined;
}

/**
 * Services whose artifact is a `.vercel/output`, which Vercel serves. It is built once, with the release, and never
 * again.
 * @example {"token":{"secret":"VERCEL_TOKEN"},"services":{"web":{"project":"blockbuilders"}}}
 */
export interface VercelConfig {
  /**
   * The name of the secret with a token of Vercel that may deploy the projects.
   * @example {"secret":"VERCEL_TOKEN"}
   */
  readonly token: {
    readonly secret: string;
  };
  /**
   * The team that the projects belong to, by its id or slug. The token's own account when left out.
   * @example "team_a1b2c3"
   */
  readonly team?: string | undefined;
  /**
   * Where its API answers.
   * @default "https://api.vercel.com"
   */
  readonly api?: string | undefined;
  /**
   * Between two looks at what it does.
   * @default "2s"
   */
  readonly poll?: number | string | undefined;
  /**
   * What runs there, by name. What is not named runs where it did.
   * @example {"web":{}}
   */
  readonly services: Readonly<Record<string, VercelServiceConfig>>;
}

/** One service as Vercel has it. */
export interface VercelServiceConfig {
  /**
   * The project on Vercel, which is there already. The name of Fairway's own service when left out.
   * @example "blockbuilders"
   */
  readonly project?: string | undefined;
  /**
   * Whose variables of the project a deployment gets. With `preview` its `domains` are assigned as aliases.
   * @default "production"
   */
  readonly target?: "production" | "preview" | undefined;
  /**
   * What must lead to the release before it is called deployed. The project's production domains when left out.
   * @example ["blockbuilders.app"]
   */
  readonly domains?: readonly string[] | undefined;
  /**
   * Variables that the project on Vercel must have for this target. Without them nothing is deployed.
   * @example ["DATABASE_URL"]
   */
  readonly needs?: readonly string[] | undefined;
  /**
   * What pages must answer with once the release has its address, or the old one is brought back: a text is what the
   * header has, its parts between commas in any order; of a list it is one.
   * @example {"/":{"x-vercel-cache":["HIT","STALE","PRERENDER"]}}
   */
  readonly headers?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>> | undefined;
  /** Where pages are asked for their `headers`. The first of the service's addresses when left out. */
  readonly url?: string | undefined;
}

/**
 * Services whose artifact is a folder of files, which Netlify serves. In the environment that previews inherit from
 * it gives every pull request an address there.
 * @example {"token":{"secret":"NETLIFY_TOKEN"},"services":{"web":{"site":"blockbuilders.netlify.app"}}}
 */
export interface NetlifyConfig {
  /**
   * The name of the secret with a personal access token of Netlify.
   * @example {"secret":"VERCEL_TOKEN"}
   */
  readonly token: {
    readonly secret: string;
  };
  /**
   * Where its API answers.
   * @default "https://api.netlify.com/api/v1"
   */
  readonly api?: string | undefined;
  /**
   * Between two looks at what it does.
   * @default "2s"
   */
  readonly poll?: number | string | undefined;
  /**
   * What runs there, by name. What is not named runs where it did.
   * @example {"web":{"site":"blockbuilders.netlify.app"}}
   */
  readonly services: Readonly<Record<string, NetlifyServiceConfig>>;
}

/** One service as Netlify has it. */
export interface NetlifyServiceConfig {
  /**
   * The site on Netlify, which is there already, by its id or address.
   * @example "blockbuilders.netlify.app"
   */
  readonly site: string;
  /**
   * The release answers at `<branch>--<site>` and the site itself stays what it is. Without it the release is
   * published.
   * @example "staging"
   */
  readonly branch?: string | undefined;
  /**
   * What pages must answer with once the release has its address, or the old one is brought back: a text is what the
   * header has, its parts between commas in any order; of a list it is one.
   * @example {"/":{"x-vercel-cache":["HIT","STALE","PRERENDER"]}}
   */
  readonly headers?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>> | undefined;
  /** Where pages are asked for their `headers`. The first of the service's addresses when left out. */
  readonly url?: string | undefined;
}

/** One service as this environment wants it, over the service's own values. */
export interface PlacementConfig {
  /**
   * Whether the service runs here at all.
   * @default true
   */
  readonly enabled?: boolean | undefined;
  /** How many copies run here. */
  readonly replicas?: number | undefined;
  readonly strategy?: Strategy | undefined;
  readonly chain?: ChainConfig | undefined;
  /** Environment variables for this service, here. */
  readonly env?: Readonly<Record<string, Value>> | undefined;
  /**
   * Where the public reaches it. Without: `<service>.<environment>.localhost`. An empty list keeps it to the other
   * services.
   * @example [{"host":"shop.example.com","path":"/api"}]
   */
  readonly routes?: readonly Route[] | undefined;
  readonly requests?: Requests | undefined;
  /**
   * Sends requests in the clear to the same place over TLS: to the router's `--tls-port`, or to 443 without one.
   * HAProxy does not.
   * @default false
   */
  readonly httpsOnly?: boolean | undefined;
}

/** On which chain a service's contracts are here, and who may change them. */
export interface ChainConfig {
  /**
   * The number of the chain; a node of another is refused.
   * @example 1
   */
  readonly id: number;
  /**
   * Its nodes, each asked where those before it do not answer.
   * @example [{"secret":"RPC_URL"},"https://rpc.example.com"]
   */
  readonly rpc: readonly Value[];
  /**
   * To each node, at most.
   * @default 20
   */
  readonly requestsPerSecond?: number | undefined;
  /**
   * How many blocks must stand on a transaction, its own among them, before it counts.
   * @default 12
   */
  readonly confirmations?: number | undefined;
  readonly safe?: SafeConfig | undefined;
  /** On networks whose coins have no worth alone: a key that changes contracts without asking. */
  readonly signer?: ChainSigner | undefined;
  /** A contract with `addressOf(bytes32)` and `setAddress(bytes32,address)` that names the others. */
  readonly registry?: string | undefined;
  /** Makes several calls of the Safe one. That of Safe 1.4.1 (`MultiSendCallOnly`) when left out. */
  readonly multiSend?: string | undefined;
  /** Contracts that were there before Fairway, by name. */
  readonly addresses?: Readonly<Record<string, string>> | undefined;
  /**
   * Between two looks.
   * @default "15s"
   */
  readonly poll?: number | string | undefined;
}

/** The multi-signature wallet that is asked for every change. Fairway holds none of its keys. */
export interface SafeConfig {
  /** Of the Safe that owns the contracts. */
  readonly address: string;
  /**
   * The base of the Safe Transaction Service.
   * @example "https://api.safe.global/tx-service/eth/api"
   */
  readonly service: string;
  /** What the service is asked with. */
  readonly apiKey?:
    | {
        /** The name of the secret. */
        readonly secret: string;
      }
    | undefined;
  /** A delegate of an owner: it lets proposals in, and its signature counts for none of the owners'. */
  readonly proposer: ChainSigner;
}

/** A key, by where it lies. No key is ever written into the configuration. */
export type ChainSigner =
  | {
      /**
       * A keystore file of version 3 on the machine of the daemon.
       * @example "/etc/fairway/proposer.json"
       */
      readonly keystore: string;
      /** What opens it. */
      readonly password: {
        /** The name of the secret. */
        readonly secret: string;
      };
    }
  | {
      /** A key of AWS KMS of the kind ECC_SECG_P256K1. */
      readonly kms: string;
      /**
       * Where it is.
       * @example "eu-central-1"
       */
      readonly region: string;
    };

/** Which requests belong to a service. The longest path wins. */
export interface Route {
  /**
   * The host name; `*` takes what no other host takes.
   * @example "shop.example.com"
   */
  readonly host: string;
  /**
   * A prefix: `/api` takes `/api` and `/api/x`, not `/apix`.
   * @default "/"
   */
  readonly path?: string | undefined;
}

/**
 * What may be asked of a service, where that is less than the router allows. HAProxy does not hold anybody to it.
 * @example {"requestRate":{"perSecond":10,"burst":50},"bodyBytes":"10MiB"}
 */
export interface Requests {
  /** How often one client address of the public may ask. More is answered 429. */
  readonly requestRate?:
    | {
        /**
         * In the long run.
         * @example 10
         */
        readonly perSecond: number;
        /**
         * At once.
         * @example 50
         */
        readonly burst: number;
      }
    | undefined;
  /**
   * The longest request body. A longer one is answered 413.
   * @example "10MiB"
   */
  readonly bodyBytes?: number | string | undefined;
  /**
   * The longest request head. A longer one is answered 431.
   * @example "8KiB"
   */
  readonly headBytes?: number | string | undefined;
  /**
   * From the whole request to the head of the answer. Later is answered 504.
   * @example "30s"
   */
  readonly answerWithin?: number | string | undefined;
}

/**
 * An environment for each pull request, made of all services at its commit, with databases of its own. It is read
 * from the main branch. Without it there are no previews.
 * @example {}
 * @example {"inherits":"staging","domain":"preview.example.com","sleepAfter":"1h"}
 */
export interface PreviewsConfig {
  /**
   * The environment whose services, routes and variables a preview begins from; without it the first. Its secrets,
   * approvals, freezes and infrastructure are not taken over.
   * @example "staging"
   */
  readonly inherits?: string | undefined;
  /**
   * What the names of hosts end with: that of pull request 12 is `pr-12.<domain>`, and a service with a host of its
   * own gets `<service>--pr-12.<domain>`.
   * @default "fairway.localhost"
   * @example "preview.example.com"
   */
  readonly domain?: string | undefined;
  /**
   * The service that answers at the preview's own host; without it the last that has a route, in the order of what
   * depends on what.
   * @example "web"
   */
  readonly front?: string | undefined;
  /**
   * No service has more copies than that.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * Environment variables of every service, over those of the environment. Secrets are those of the scope
   * `previews`, and of no other.
   * @example {"PAYMENTS":"sandbox"}
   */
  readonly variables?: Readonly<Record<string, Value>> | undefined;
  /**
   * The environment whose feature flags the services see. Without it they see none.
   * @example "staging"
   */
  readonly flags?: string | undefined;
  /** What the databases of a preview begin as. */
  readonly database?:
    | {
        /**
         * Whether each service with `database: true` gets a database of its own in each preview, or a schema in one.
         * @default "database"
         */
        readonly per?: "database" | "schema" | undefined;
        /**
         * By service, a database on the same server that the preview's begins as a copy of. PostgreSQL copies one only
         * while nobody is connected to it. Without it the database is empty, and the migrations make it.
         * @example {"catalog":"catalog_template"}
         */
        readonly copyOf?: Readonly<Record<string, string>> | undefined;
        /**
         * By service, a command that fills a new database, once, after its migrations and before the service starts. It
         * runs in the folder of the artifact, with `DATABASE_URL` and `FAIRWAY_ENVIRONMENT`.
         * @example {"catalog":"node seed.mjs"}
         */
        readonly seed?: Readonly<Record<string, TimedCommand>> | undefined;
      }
    | undefined;
  readonly ecs?: EcsPreviewsConfig | undefined;
  /**
   * Whether each pull request gets one; else only who asks with `fairway preview open`.
   * @default true
   */
  readonly pullRequests?: boolean | undefined;
  /**
   * What becomes of pull requests from copies of the repository that others own. `approve`: somebody says yes to
   * each commit before anything of it is read or run, and it gets no secrets.
   * @default "approve"
   */
  readonly forks?: "never" | "approve" | undefined;
  /**
   * How many previews there may be at once. Further pull requests wait until one has ended.
   * @default 10
   */
  readonly most?: number | undefined;
  /**
   * After this time without a request the replicas are stopped; the next request starts them again. `false`: never.
   * With HAProxy nobody counts requests, and nothing sleeps.
   * @default "30m"
   */
  readonly sleepAfter?: number | string | false | undefined;
  /**
   * After this time without a request and without a push the preview is taken away.
   * @default "72h"
   */
  readonly endAfter?: number | string | undefined;
}

/**
 * Where the services of a preview run that their environment has on ECS: a service each, made from the environment's
 * and taken away with the preview. Without it they run on Fairway's own machine.
 * @example {"listener":"arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/previews/50dc6c49/f2f7dc8e"}
 */
export interface EcsPreviewsConfig {
  /**
   * A listener of an Application Load Balancer to which `*.<domain>` leads. Each host of a preview gets a rule of
   * it; the rules of others are left alone.
   * @example "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/previews/50dc6c49/f2f7dc8e"
   */
  readonly listener: string;
  /**
   * What that listener speaks.
   * @default "https"
   */
  readonly protocol?: "http" | "https" | undefined;
  /**
   * The cluster of the previews, which is there already. That of the environment when left out.
   * @example "previews"
   */
  readonly cluster?: string | undefined;
  /**
   * Where the load balancer reaches this daemon, which listens there with `FAIRWAY_WAKE_ADDRESS`: requests to what
   * sleeps go to it. Without it previews on ECS do not sleep.
   * @example "10.0.3.7:7080"
   */
  readonly wake?: string | undefined;
  /**
   * What the tasks of previews may do at AWS. Nothing when left out: never what the environment may.
   * @example "arn:aws:iam::123456789012:role/previews"
   */
  readonly taskRole?: string | undefined;
}

/**
 * What starts something by itself: exactly one of `release`, `deploy`, `verify`, `plan` and `workflow`.
 * @example {"on":{"push":{"branches":"main"}},"deploy":"staging"}
 * @example {"on":{"tag":"v*"},"deploy":"production"}
 * @example {"on":{"schedule":{"cron":"0 2 * * *"}},"verify":"staging"}
 * @example {"on":{"pullRequest":{"paths":"infrastructure/**"}},"plan":"staging"}
 * @example {"on":{"schedule":{"cron":"0 2 * * *","timezone":"Europe/Berlin"}},"workflow":".github/workflows/nightly.yml","environment":"staging"}
 */
export interface TriggerConfig {
  readonly on: TriggerOn;
  /**
   * What whoever fires it may give, by name.
   * @example {"suite":{"type":"choice","options":["smoke","full"]}}
   */
  readonly inputs?: Readonly<Record<string, TriggerInput>> | undefined;
  /**
   * Makes a release of the commit, which goes to the environments that take every one; `{ deploy: false }` keeps it
   * from that.
   */
  readonly release?:
    | boolean
    | {
        readonly deploy: boolean;
      }
    | undefined;
  /**
   * Brings the release of the commit to this environment. Where the environment takes what no other has verified, a
   * release is made first; else what may still be verified is waited for.
   * @example "staging"
   */
  readonly deploy?: string | undefined;
  /**
   * Asks the checks of this environment again of what runs there, as `fairway verify` does: every night, say.
   * @example "staging"
   */
  readonly verify?: string | undefined;
  /**
   * Plans what the commit would do to the infrastructure of this environment, and changes nothing. At a pull request
   * the plan is a check and a comment, which change in place.
   * @example "staging"
   */
  readonly plan?: string | undefined;
  /**
   * Runs a workflow file of the repository.
   * @example ".github/workflows/nightly.yml"
   */
  readonly workflow?: string | undefined;
  /** Only this job of the workflow and what it needs. */
  readonly job?: string | undefined;
  /**
   * The workflow is that of the commit which this environment runs, and is told its name and address in `inputs`.
   * @example "staging"
   */
  readonly environment?: string | undefined;
  /**
   * Inputs of the workflow; `{ input: NAME }` passes one of the trigger on.
   * @example {"suite":{"input":"suite"}}
   */
  readonly with?:
    | Readonly<
        Record<
          string,
          | string
          | number
          | boolean
          | {
              readonly input: string;
            }
        >
      >
    | undefined;
}

/** What it listens to; each alone is enough. */
export interface TriggerOn {
  readonly push?: OnPush | undefined;
  readonly tag?: OnTag | undefined;
  readonly pullRequest?: OnPullRequest | undefined;
  readonly schedule?: OnSchedule | undefined;
  /** A person asks for it: `fairway trigger NAME`. */
  readonly manual?: true | undefined;
  /** A program asks for it, with a token of its own. */
  readonly api?: true | undefined;
}

/** A branch was pushed. */
export type OnPush =
  | true
  | {
      /**
       * Of the branch that was pushed.
       * @example "main"
       */
      readonly branches?: Patterns | undefined;
      /** All but these, of the branch that was pushed. */
      readonly branchesIgnore?: Patterns | undefined;
      /**
       * Only where one of the changed files fits.
       * @example ["web/**"]
       */
      readonly paths?: Patterns | undefined;
      /**
       * Not where all of the changed files fit.
       * @example "**.md"
       */
      readonly pathsIgnore?: Patterns | undefined;
    };

/**
 * A tag was pushed.
 * @example "v*"
 * @example {"semver":">=1.0.0"}
 */
export type OnTag =
  | Patterns
  | {
      /**
       * Of the tag's name.
       * @example "v*"
       */
      readonly names?: Patterns | undefined;
      /**
       * The tag is a version in this range; a `v` before it is no part of it. Pre-releases count only where the range
       * names one.
       * @example ">=1.0.0"
       */
      readonly semver?: string | undefined;
      /**
       * The branch that the tag's commit must be on; null where it may be anywhere. Without it, the repository's main
       * branch.
       * @example "main"
       */
      readonly branch?: string | null | undefined;
    };

/** A pull request was opened or changed. */
export type OnPullRequest =
  | true
  | {
      /**
       * Of the branch that it goes into.
       * @example "main"
       */
      readonly branches?: Patterns | undefined;
      /** All but these, of the branch that it goes into. */
      readonly branchesIgnore?: Patterns | undefined;
      /**
       * Only where one of the changed files fits.
       * @example ["web/**"]
       */
      readonly paths?: Patterns | undefined;
      /**
       * Not where all of the changed files fit.
       * @example "**.md"
       */
      readonly pathsIgnore?: Patterns | undefined;
      /**
       * What was done to it.
       * @default ["opened","synchronize","reopened"]
       */
      readonly types?:
        | readonly (
            | "opened"
            | "synchronize"
            | "reopened"
            | "closed"
            | "edited"
            | "labeled"
            | "unlabeled"
            | "ready_for_review"
            | "converted_to_draft"
          )[]
        | undefined;
    };

/**
 * A time has come.
 * @example {"cron":"0 2 * * *","timezone":"Europe/Berlin"}
 */
export type OnSchedule =
  | {
      /**
       * Minute, hour, day of the month, month, day of the week.
       * @example "0 2 * * *"
       */
      readonly cron: string;
      /**
       * An IANA name. The hour is that of its clocks.
       * @default "UTC"
       * @example "Europe/Berlin"
       */
      readonly timezone?: string | undefined;
      /**
       * Whether one run makes up for all that were missed while Fairway was down.
       * @default true
       */
      readonly catchUp?: boolean | undefined;
    }
  | readonly {
      /**
       * Minute, hour, day of the month, month, day of the week.
       * @example "0 2 * * *"
       */
      readonly cron: string;
      /**
       * An IANA name. The hour is that of its clocks.
       * @default "UTC"
       * @example "Europe/Berlin"
       */
      readonly timezone?: string | undefined;
      /**
       * Whether one run makes up for all that were missed while Fairway was down.
       * @default true
       */
      readonly catchUp?: boolean | undefined;
    }[];

/** One typed value that whoever fires a trigger gives. */
export interface TriggerInput {
  /**
   * What it may be.
   * @default "string"
   */
  readonly type?: "string" | "boolean" | "number" | "choice" | "environment" | undefined;
  /** What it is for. */
  readonly description?: string | undefined;
  /**
   * Whether it must be given where it has no default.
   * @default false
   */
  readonly required?: boolean | undefined;
  /** What it is where nobody gives it. */
  readonly default?: string | number | boolean | undefined;
  /**
   * Of a choice.
   * @example ["smoke","full"]
   */
  readonly options?: readonly string[] | undefined;
}
