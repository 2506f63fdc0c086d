import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Judgement, ServiceCheck, Verdict } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { askForReport } from "../findings/ask-for-report.ts";
import { linesOf } from "../findings/lines-of.ts";
import { verdictOf } from "../findings/verdict-of.ts";
import { asJson, type ServiceJobInput } from "./release-run.ts";
import type { CommandAnswer, CommandParts } from "./step-command.ts";
import { valuesOf } from "./step-command.ts";
import type { TryMigrationsParts } from "../migrations/try-migrations.ts";
import { tryMigrations } from "../migrations/try-migrations.ts";
import { buildSecrets, runServiceCommand } from "./service-command.ts";

/** Asks one question of a service's source. Without a report the command's exit code is the answer. */
export function checkStage(parts: CommandParts & TryMigrationsParts): Stage {
  return {
    name: "check",
    async run(attempt: Attempt): Promise<Outcome> {
      const about = attempt.input as unknown as ServiceJobInput;
      const { migrations } = about.service;
      if (about.migrations === true && migrations !== undefined)
        return tryMigrations(parts, attempt, about, migrations);
      const check = about.service.checks.find((candidate) => candidate.name === about.check);
      if (!check) throw new FairwayError("internal", `${about.service.name} has no check "${about.check}"`);
      if (check.report !== undefined) return askWithReport(parts, attempt, check, check.report, about);
      const answer = await runServiceCommand(parts, attempt, check.name, check, about);
      return answer.well ? { outcome: "succeeded", result: null } : { outcome: "failed", reason: answer.reason };
    },
  };
}

async function askWithReport(
  parts: CommandParts,
  attempt: Attempt,
  check: ServiceCheck,
  report: NonNullable<ServiceCheck["report"]>,
  about: ServiceJobInput,
): Promise<Outcome> {
  const workspace = parts.data.workspace(attempt.run, about.service.name);
  const directory = join(workspace, about.service.path, check.directory);
  // Of this attempt alone, so that no earlier one's report is taken for its own.
  const own = join(parts.data.attempt(attempt.id), "report");
  const file = "tool" in report ? join(own, "report") : join(directory, report.file);
  await attempt.step("make room for the report", async () => {
    // What a tool finds it may write out: with secrets, until it is read and masked.
    if ("tool" in report) await mkdir(own, { recursive: true, mode: 0o700 });
    // One that was committed, or that another check left, is not this check's.
    else await rm(file, { recursive: true, force: true });
    return null;
  });
  const argv = "tool" in report ? askForReport(report.tool, check.argv, file) : check.argv;
  const answer = await runServiceCommand(parts, attempt, check.name, { ...check, argv }, about, check.argv);
  if (!answer.well && answer.code === undefined) return { outcome: "failed", reason: answer.reason };
  const judgement = (await attempt.step("read the report", async () => {
    const secrets = Object.values(await valuesOf(parts.secrets, buildSecrets, check.env));
    const within = "tool" in report ? own : workspace;
    const code = answer.well ? 0 : (answer.code ?? 1);
    const found = await verdictOf({ report, code, file, within, workspace, directory, secrets });
    if ("tool" in report) await rm(own, { recursive: true, force: true });
    return asJson(found);
  })) as unknown as Judgement;
  return outcomeOf(judgement, answer);
}

/** What decides nothing lets nothing through: like what could not be asked, it is errored. */
function outcomeOf(judgement: Judgement, answer: CommandAnswer): Outcome {
  switch (judgement.verdict) {
    case "passed":
      return { outcome: "succeeded", result: asJson(judgement satisfies Verdict), summary: judgement.summary };
    case "failed": {
      // What is not in the report, a coverage that is too low say, is in the last lines of the output.
      const said = judgement.annotations?.kept.length ? linesOf(judgement) : answer.well ? [] : [answer.reason];
      return {
        outcome: "failed",
        reason: [judgement.summary, ...said].join("\n"),
        result: asJson(judgement satisfies Verdict),
      };
    }
    case "inconclusive":
      return {
        outcome: "errored",
        reason: `${judgement.summary}; write a test, or take the check out`,
        result: asJson(judgement satisfies Verdict),
      };
    case "unknown": {
      const why = `${judgement.why}; ${judgement.hint}`;
      return { outcome: "errored", reason: answer.well ? why : `${why}\n${answer.reason}` };
    }
  }
}
