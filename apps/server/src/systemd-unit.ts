import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DaemonOptions } from "./daemon-options.ts";
import { argumentsOf } from "./daemon-options.ts";

/** What a unit of systemd is written from. */
export interface UnitFacts {
  /** What it is for, in a word or two. */
  readonly project: string;
  readonly options: DaemonOptions;
  /** The user it runs as; null in a user's own systemd, which has no other. */
  readonly user: string | null;
  /** The node program. */
  readonly node: string;
  /** Where git, npm and what the services need are found: systemd's own PATH knows no Node of a version manager. */
  readonly path: string;
}

/** A router of 60 MB carries some 30,000 connections with this; each takes two. */
const openFiles = 65_536;

/** The daemon as a unit of systemd: in the foreground, started again when it fails, and ended alone. */
export function systemdUnit({ project, options, user, node, path }: UnitFacts): string {
  const program = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "main.js");
  const command = [node, program, ...argumentsOf(options)];
  return `# Written by: fairway install
[Unit]
Description=Fairway for ${escaped(project)}
After=network-online.target
Wants=network-online.target
# It is tried again for as long as it takes: nothing else brings a control plane back.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${command.map(word).join(" ")}
WorkingDirectory=${escaped(options.dataDirectory)}
Environment=${quoted(`PATH=${path}`)}
# What the daemon is to have beside, DATABASE_URL say; it need not be there.
EnvironmentFile=-${escaped(join(options.dataDirectory, "environment"))}
${user === null ? "" : `User=${escaped(user)}\n`}# Services, router and database live on while the daemon restarts, and are adopted.
KillMode=process
Restart=on-failure
RestartSec=2
TimeoutStopSec=60
LimitNOFILE=${openFiles}
# The memory of a daemon that crashes holds secrets that it had opened: it is written nowhere. What it starts may ask for more.
LimitCORE=0:infinity

[Install]
WantedBy=${user === null ? "default.target" : "multi-user.target"}
`;
}

/** A word of a command line: systemd replaces `%x` and `$NAME` in it (systemd.service(5), "Command lines"). */
const word = (text: string): string => quoted(text).replaceAll("$", "$$$$");

/** In quotes, as systemd reads them (systemd.syntax(7), "Quoting"). */
const quoted = (text: string): string => `"${escaped(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** Outside quotes only the specifiers count; a line's end would be a line of its own. */
const escaped = (text: string): string => text.replaceAll("%", "%%").replaceAll(/[\r\n]+/g, " ");
