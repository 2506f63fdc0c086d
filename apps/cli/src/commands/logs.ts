import pc from "picocolors";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { harmless, print } from "../output/terminal.ts";

interface LogOptions extends GlobalOptions {
  readonly env?: string;
  readonly replica?: string;
  readonly run?: string;
  readonly job?: string;
  readonly step?: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly grep?: string;
  readonly lines?: string;
  readonly fromLine?: string;
}

const colours = [pc.cyan, pc.green, pc.yellow, pc.blue, pc.magenta] as const;

/** `fairway logs`: each line with where it came from; with `--json` one object a line. */
export async function logs([service]: readonly string[], options: LogOptions): Promise<void> {
  const client = await daemonClient(options);
  const leave = new AbortController();
  process.once("SIGINT", () => leave.abort());
  const { env: environment, replica, run, job, step, since, grep, lines, fromLine } = options;
  const wanted = {
    environment,
    service,
    replica,
    run,
    job,
    step,
    since,
    grep,
    lines,
    fromLine,
    follow: options.follow ? "true" : "false",
  } as const;
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const seen: string[] = [];
  for await (const line of client.stream("logs", given, leave.signal)) {
    if (options.json) {
      print(JSON.stringify(line));
      continue;
    }
    if (!seen.includes(line.source)) seen.push(line.source);
    const colour = colours[seen.indexOf(line.source) % colours.length] ?? pc.cyan;
    print(`${colour(line.source)} ${harmless(line.text)}`);
  }
}
