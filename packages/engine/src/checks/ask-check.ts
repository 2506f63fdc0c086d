import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  CheckFile,
  CheckTest,
  EnvironmentCheck,
  LiveReport,
  Millis,
  PlatformQuestion,
  Timestamp,
  Value,
} from "@fairway/core";
import { flakyTests } from "@fairway/core";
import { Masker } from "../commands/masker.ts";
import { secretForms } from "../commands/secret-forms.ts";
import { askForReport } from "../findings/ask-for-report.ts";
import { linesOf } from "../findings/lines-of.ts";
import { readLiveReport } from "../findings/live-report.ts";
import { reportBytes } from "../findings/read-report.ts";
import { verdictOf } from "../findings/verdict-of.ts";
import type { Places } from "../rollouts/places.ts";
import type { Attempt } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { CommandAnswer, CommandParts } from "../stages/step-command.ts";
import { runStepCommand, valuesOf } from "../stages/step-command.ts";
import { askPlatform } from "./ask-platform.ts";

/** What asking needs from outside. */
export type AskParts = CommandParts & { readonly places: Places };

/** A check, where it is asked and what it is told. */
export interface Ask {
  readonly check: EnvironmentCheck;
  /** The name of its step; the others that belong to it begin with it. */
  readonly step: string;
  /** The checkout of the release. */
  readonly workspace: string;
  readonly env: Readonly<Record<string, Value>>;
  readonly secretsOf: string;
  /** What a platform that answers it is told besides; left out where none is asked. */
  readonly question?: Omit<PlatformQuestion, "since"> | undefined;
  /** How often it is asked again where it does not say yes. */
  readonly retries: number;
}

/** What a check came to. */
export interface Asked extends LiveReport {
  readonly startedAt: Timestamp;
  readonly took: Millis;
  readonly flaky: readonly string[];
  /** Where its files lie, until the run's folders are swept. */
  readonly folder: string;
}

/** Asks, again where that is wanted. What was found stays, with what passed only when it was asked again. */
export async function askCheck(parts: AskParts, attempt: Attempt, ask: Ask): Promise<Asked> {
  let asked = await askOnce(parts, attempt, ask, ask.step);
  const failed: CheckTest[] = [];
  for (let again = 1; asked.status !== "passed" && again <= ask.retries; again++) {
    failed.push(...asked.tests.filter(({ state }) => state === "failed"));
    attempt.progress(`${ask.check.name} says no: asked again`);
    const next = await askOnce(parts, attempt, ask, `${ask.step} again ${again}`);
    const flaky = next.status === "passed" ? failed.map(({ name }) => name) : flakyTests(failed, next.tests);
    asked = { ...next, startedAt: asked.startedAt, flaky: [...new Set(flaky)] };
  }
  return asked;
}

async function askOnce(parts: AskParts, attempt: Attempt, ask: Ask, step: string): Promise<Asked> {
  const { check, workspace, env, secretsOf } = ask;
  const directory = join(workspace, check.directory);
  const own = join(parts.data.attempt(attempt.id), `report ${step}`.replaceAll(/[^A-Za-z0-9._-]/gu, "_"));
  const isFile = check.report !== undefined && "file" in check.report;
  const file = isFile ? join(directory, check.report.file) : join(own, "report");
  const startedAt = await attempt.step<string>(`${step} begins`, async () => {
    // What a check finds it may write out: with secrets, until it is read and masked.
    await mkdir(join(own, "files"), { recursive: true, mode: 0o700 });
    // One that was committed, or that another check left, is not this check's.
    await rm(file, { recursive: true, force: true });
    return new Date().toISOString();
  });
  const reported =
    check.report !== undefined && "tool" in check.report
      ? askForReport(check.report.tool, check.argv, file)
      : check.argv;
  const argv = check.kind === undefined ? reported : ([...reported, "--keep", join(own, "files")] as const);
  if (check.platform !== undefined) {
    const question = ask.question ?? { environment: secretsOf, images: [] };
    const asking = { check: check.platform, question, timeout: check.timeout, startedAt };
    const found = await attempt.step(`${step} answered`, async () =>
      asJson({
        ...(await askPlatform(parts.places, check.name, asking, attempt)),
        startedAt,
        took: Math.max(0, Date.now() - Date.parse(startedAt)),
        flaky: [],
        folder: join(own, "kept"),
      } satisfies Asked),
    );
    return found as unknown as Asked;
  }
  const answer = await runStepCommand(parts, attempt, step, {
    command: { ...check, argv: parts.places.commandOf(argv) },
    directory,
    env,
    secretsOf,
    waitedFor: true,
    shownAs: check.argv,
  });
  return (await attempt.step(`${step} result`, async () => {
    const secrets = Object.values(await valuesOf(parts.secrets, secretsOf, { ...env, ...check.env }));
    const kept = join(own, "kept");
    const found =
      check.kind === undefined
        ? await ofCommand(check, answer, { file, within: isFile ? workspace : own, workspace, directory, secrets })
        : await reportOfProgram(
            check.name,
            { why: answer.well ? "it left no report" : answer.reason, status: endedWell(answer) },
            { file, within: own, secrets, files: join(own, "files"), kept },
          );
    const took = Math.max(0, Date.now() - Date.parse(startedAt));
    return asJson({ ...found, startedAt, took, flaky: [], folder: kept } satisfies Asked);
  })) as unknown as Asked;
}

interface Where {
  readonly file: string;
  readonly within: string;
  readonly secrets: readonly string[];
}

/**
 * What Fairway's own program wrote, with what is secret masked, in its files too: those that can be used are in `kept`
 * afterwards, of the others the summary says why not. Where it could write nothing, what is known of its end is the answer.
 */
export async function reportOfProgram(
  name: string,
  otherwise: { readonly why: string; readonly status: "failed" | "no-data" },
  { file, within, secrets, files, kept }: Where & { readonly files: string; readonly kept: string },
): Promise<LiveReport> {
  const found = await reportBytes(file, within);
  if ("why" in found) return alone(name, otherwise.why, otherwise.status);
  try {
    const told = readLiveReport(masked(found.bytes, secrets).toString("utf8"));
    const usable = await maskFiles(told.files, { from: files, to: kept, within, secrets });
    const summary = [told.summary, ...usable.left].join("\n");
    const report: LiveReport = { ...told, summary, files: usable.files };
    // It was ended while it ran, and what it says of that is no more than how it felt.
    const [ended = ""] = otherwise.why.split("\n");
    return otherwise.status === "failed"
      ? { ...report, status: "failed", summary: `${ended}; ${report.summary}` }
      : report;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "NotThatReport")
      return alone(name, `its report cannot be used: ${thrown.message}`, "no-data");
    throw thrown;
  }
}

/** What took too long did not do what it should; what could not even begin says nothing. */
const endedWell = (answer: CommandAnswer): "failed" | "no-data" =>
  !answer.well && answer.code === undefined ? "failed" : "no-data";

async function ofCommand(
  check: EnvironmentCheck,
  answer: CommandAnswer,
  where: Where & { readonly workspace: string; readonly directory: string },
): Promise<LiveReport> {
  const code = answer.well ? 0 : answer.code;
  if (check.report === undefined || code === undefined)
    return answer.well
      ? { ...empty, status: "passed", summary: `${check.name} passed`, tests: [testOf(check.name, null)] }
      : alone(check.name, answer.reason, "failed");
  const judged = await verdictOf({ report: check.report, code, ...where });
  switch (judged.verdict) {
    case "passed":
      return { ...empty, status: "passed", summary: judged.summary, tests: [testOf(check.name, null)] };
    case "failed": {
      const errors = (judged.annotations?.kept ?? []).filter(({ severity }) => severity === "error");
      const tests = errors.map(({ message }) => testOf(nameOf(message), message));
      const said = tests.length > 0 ? linesOf(judged) : answer.well ? [] : [answer.reason];
      return {
        ...empty,
        status: "failed",
        summary: [judged.summary, ...said].join("\n"),
        tests: tests.length > 0 ? tests : [testOf(check.name, judged.summary)],
      };
    }
    case "inconclusive":
      return { ...empty, status: "no-data", summary: judged.summary };
    case "unknown":
      return { ...empty, status: "no-data", summary: `${judged.why}; ${judged.hint}` };
  }
}

const empty = { tests: [], figures: {}, files: [] } as const;
const testOf = (name: string, message: string | null): CheckTest => ({
  name,
  state: message === null ? "passed" : "failed",
  took: 0,
  message,
  requestId: null,
  exchange: null,
});
const alone = (name: string, why: string, status: "failed" | "no-data"): LiveReport => ({
  ...empty,
  status,
  summary: why,
  tests: status === "failed" ? [testOf(name, why)] : [],
});
/** Reports of tests say "suite › test: what was wrong". */
const nameOf = (message: string): string => (message.split("\n")[0] ?? "").split(": ")[0]?.slice(0, 200) || "a test";

function masked(bytes: Buffer, secrets: readonly string[]): Buffer {
  if (secrets.length === 0) return bytes;
  const masker = new Masker(secretForms(secrets));
  return Buffer.concat([masker.push(bytes), masker.end()]);
}

/**
 * Which files can be used, and of the others why not. What was asked is code of the repository and may have left anything under
 * their names, so they are read as its report is, and written anew. Pictures stay as they are: nothing can be found in them.
 */
async function maskFiles(
  files: readonly CheckFile[],
  folders: { readonly from: string; readonly to: string; readonly within: string; readonly secrets: readonly string[] },
): Promise<{ readonly files: readonly CheckFile[]; readonly left: readonly string[] }> {
  const { from, to, within, secrets } = folders;
  // What an attempt before this one wrote, or anybody put there.
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { mode: 0o700 });
  const usable: CheckFile[] = [];
  const left: string[] = [];
  for (const file of new Map(files.map((each) => [each.name, each])).values()) {
    const found = await reportBytes(join(from, file.name), within);
    if ("why" in found) {
      left.push(`its file ${file.name} is left out: ${found.why}`);
      continue;
    }
    const bytes = file.type.startsWith("image/") ? found.bytes : masked(found.bytes, secrets);
    await writeFile(join(to, file.name), bytes, { flag: "wx", mode: 0o600 });
    usable.push(file);
  }
  return { files: usable, left };
}

/** Puts the files of a check where they stay. May be repeated. */
export async function keepFiles(from: string, files: readonly CheckFile[], to: string): Promise<void> {
  if (files.length === 0) return;
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const { name } of files) await copyFile(join(from, name), join(to, name));
}
