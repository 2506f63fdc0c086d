import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Argv, LiveReport, Millis } from "@fairway/core";
import { checkProgram } from "@fairway/core";
import { runCommand } from "../commands/run-command.ts";
import { askForReport } from "../findings/ask-for-report.ts";
import { reportOfProgram } from "./ask-check.ts";

/** A journey with all that is needed to make it, wherever that is. */
export interface JourneyWork {
  readonly name: string;
  readonly argv: Argv;
  readonly timeout: Millis;
  /** Variables that anybody may read. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose values are hidden in all that is told of it. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Where a journey is made. */
export interface JourneyPlace {
  /** Its own folder, which is gone afterwards; kept from all others, for secrets are in it. */
  readonly own: string;
  /** The checkout of its release. */
  readonly workspace: string;
  /** Which program on this machine a command is. */
  readonly commandOf: (argv: Argv) => Argv;
  readonly signal: AbortSignal;
}

/** What it came to, with the folder that its files are in, masked. */
export interface MadeJourney {
  readonly report: LiveReport;
  readonly kept: string;
}

/** What a command gets to end by itself once its time is over. */
const journeyGrace: Millis = 5_000;

/** How long somebody who took a journey is waited for. */
export const journeyHold = (timeout: Millis): Millis => timeout + 2 * journeyGrace + 30_000;

/** Makes a journey in a process of its own, which is ended with all that it started; null where it was stopped. */
export async function makeJourney(
  { name, argv, timeout, env, secrets }: JourneyWork,
  { own, workspace, commandOf, signal }: JourneyPlace,
): Promise<MadeJourney | null> {
  const hidden = Object.values(secrets);
  const [file, files, kept] = [join(own, "report"), join(own, "files"), join(own, "kept")];
  await mkdir(files, { recursive: true, mode: 0o700 });
  const outcome = await runCommand(
    {
      directory: join(own, "command"),
      argv: commandOf([...askForReport(checkProgram, argv, file), "--keep", files]),
      cwd: workspace,
      env: { CI: "true", ...env, ...secrets },
      secrets: hidden,
      timeout,
      grace: journeyGrace,
    },
    { signal },
  );
  if (signal.aborted) return null;
  const isLate = outcome.ended === "timed-out";
  const why = isLate
    ? `it took longer than ${timeout / 1000} s and was ended with all it had started`
    : `it ended without a report${outcome.tail.length > 0 ? `: ${outcome.tail.join("\n")}` : ""}`;
  const report = await reportOfProgram(
    name,
    { why, status: isLate ? "failed" : "no-data" },
    { file, within: own, secrets: hidden, files, kept },
  );
  return { report, kept };
}
