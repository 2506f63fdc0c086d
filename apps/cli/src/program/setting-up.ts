import { awsCommands } from "./aws-commands.ts";
import { workerCommand } from "./check-commands.ts";
import type { Entry } from "./entry.ts";
import { hookCommands } from "./trigger-commands.ts";
import { version } from "../version.ts";

/** What a daemon is started with, by hand or by systemd. What is not said is as last time. */
const ofDaemon: NonNullable<Entry["options"]> = [
  ["--port <port>", "of the API (default: 7300)"],
  ["--router <which>", "who carries the traffic: local or haproxy (default: local)"],
  ["--router-port <port>", "where the public reaches the services (default: 8080)"],
  ["--router-host <address>", "where the router listens (default: 127.0.0.1)"],
  ["--internal-port <port>", "where the services reach each other (default: 7301)"],
  ["--tls-port <port>", "where the public reaches them over TLS, or none (default: none)"],
  ["--router-workers <count>", "how many processes carry traffic (default: 1)"],
  ["--steps-user <name>", "whom the jobs of workflows run as (root only; default: whoever the daemon is)"],
  [
    "--container-engine <which>",
    "what runs containers: auto, podman, the path of a socket, buildah, which only builds, or none (default: none)",
  ],
  [
    "--allow-private <places>",
    "private ranges, addresses and hosts that the configuration's addresses may lead to: 10.0.0.0/8, or none (default: none)",
  ],
  ["--cache-limit <GiB>", "what the caches of checks and workflows may take (default: 10; 0 for none)"],
  ["--listen <place>", "where others reach the API: 0.0.0.0:7443, or none"],
  ["--public-url <address>", "by which they know it: https://…, or none"],
  ["--tls-cert <file>", "what the API speaks TLS with there, or none"],
  ["--tls-key <file>", "the certificate's key, or none"],
  ["--oidc <file>", "who the identity provider is, or none"],
  ["--trusted-proxies <ranges>", "before the daemon, believed when they say whom they speak for: 10.0.0.0/8, or none"],
  ["--access-log <part>", "what of what goes well is logged to access.log: all, 0.05, or none (default: none)"],
];

/** Projects, daemons, routers and backups. */
export const settingUp: readonly Entry[] = [
  {
    usage: "init",
    summary: "write a configuration for this repository",
    more: "Looks for services, their commands, ports and health paths, and takes over what a compose file says. Never writes over a configuration that is there.",
    options: [
      ["--format <format>", "ts or yaml; by default what fits the repository"],
      ["--no-compose", "leave a compose file aside"],
      ["--platforms", "deploy to Vercel or ECS where they are found"],
    ],
    load: async () => (await import("../commands/init.ts")).init,
  },
  awsCommands,
  workerCommand,
  {
    usage: "config",
    summary: "the configuration: check, explain, …",
    load: async () => (await import("../commands/config.ts")).check,
    below: [
      {
        usage: "check",
        summary: "list every problem with its place and its fix",
        load: async () => (await import("../commands/config.ts")).check,
      },
      {
        usage: "explain <key>",
        summary: "say what a value is and where it came from",
        load: async () => (await import("../commands/config.ts")).explainKey,
      },
      {
        usage: "options",
        summary: "show the options of fairway up that count",
        more: "Those that were said last, and what is usual for the others.",
        load: async () => (await import("../commands/up.ts")).options,
      },
      {
        usage: "schema",
        summary: "print the JSON schema, for editors",
        load: async () => (await import("../commands/config.ts")).schema,
      },
    ],
  },
  {
    usage: "up",
    summary: "start the daemon for this repository",
    more: "It goes on in the background, and so does what it deploys. Options are remembered: the next time they need not be said again. A port of 0 takes any free one; at the first start a usual port that is taken gives way to another.",
    options: [...ofDaemon, ["--foreground", "stay in this terminal"]],
    load: async () => (await import("../commands/up.ts")).up,
  },
  hookCommands,
  {
    usage: "install",
    summary: "write a systemd unit for this daemon",
    more: "It starts nothing, and says what does. The services live on while the daemon restarts. Options that are not given are those of the last fairway up.",
    options: [
      ["--user", "for your own systemd instead of the machine's"],
      ["--print", "only print the unit"],
      ...ofDaemon,
    ],
    load: async () => (await import("../commands/install.ts")).install,
  },
  {
    usage: "down",
    summary: "end the daemon, services, router and database",
    options: [["--keep-services", "leave services and router running"]],
    load: async () => (await import("../commands/down.ts")).down,
  },
  {
    usage: "backup <directory>",
    summary: "write a backup of database and release files",
    more: "Secrets in it are sealed; the key that opens them is not in it.",
    options: [["--with-key <file>", "write that key too, into a file apart from the backup"]],
    load: async () => (await import("../commands/backup.ts")).backup,
  },
  {
    usage: "restore <directory>",
    summary: "put a backup in the place of the database",
    more: "The daemon must be down. What was there is kept beside. Refused, before anything is changed, without the key that opens the secrets in it.",
    options: [["--key <file>", "the key, as backup --with-key wrote it, where it is not in its place"]],
    load: async () => (await import("../commands/restore.ts")).restore,
  },
  {
    usage: "router",
    summary: "what carries traffic: status, maintenance, …",
    load: async () => (await import("../commands/router.ts")).routerStatus,
    below: [
      {
        usage: "status",
        summary: "show its addresses, limits and endpoints",
        load: async () => (await import("../commands/router.ts")).routerStatus,
      },
      {
        usage: "reload",
        summary: "have it read its certificates again",
        more: "All of them, or with a problem none. Connections that are open go on.",
        load: async () => (await import("../commands/router.ts")).routerReload,
      },
      {
        usage: "upgrade",
        summary: "replace it by the installed version",
        more: "No request fails. Open connections end in their own time at the old one. To change its workers or its log, say so to fairway up.",
        load: async () => (await import("../commands/router.ts")).routerUpgrade,
      },
      {
        usage: "maintenance <environment> <service>",
        summary: "tell a service's users to come back later",
        more: "They get 503 with the message; its health path, other services and deployments go on. It lasts until --off.",
        options: [
          ["--message <text>", "what users are told"],
          ["--off", "let them in again"],
        ],
        load: async () => (await import("../commands/router.ts")).routerMaintenance,
      },
    ],
  },
  {
    usage: "completion <shell>",
    summary: "print completion for bash, zsh or fish",
    load: async () => (await import("../commands/completion.ts")).completion,
  },
  {
    usage: "version",
    summary: "print the version",
    load:
      async () =>
      async (_args, { json }) => {
        process.stdout.write(json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
      },
  },
];
