import type {
  Actor,
  Argv,
  AwsKeyProbe,
  ContentRun,
  Duty,
  DutyRun,
  Millis,
  Playbook,
  ProbeRun,
  ReleaseId,
  RotationRun,
  Value,
} from "@fairway/core";
import { FairwayError, programOf } from "@fairway/core";
import { digestOf } from "../digest.ts";
import type { JobPlan, Json, RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";

/** What a step of a duty or a playbook is told. */
export interface DutyStepInput {
  /** The commit whose checkout it runs in. */
  readonly sha: string;
  readonly argv: Argv;
  /** What people read instead of the whole text. */
  readonly shownAs: Argv;
  readonly env: Readonly<Record<string, Value>>;
  readonly secretsOf: string;
  readonly idempotent: boolean;
  readonly timeout: Millis;
}

/** What the job is told that puts on record what became of the others. */
export interface DutyRecordInput {
  readonly duty: string;
  readonly release: ReleaseId | null;
  readonly slot: string | null;
  /** The program that has found it out. */
  readonly automation: string;
  /** What it came to when not all of it went well: of a key, half an exchange is none. */
  readonly otherwise: "failed" | "partial";
  /** What it came to when it could not be found out; `partial` in runs of older versions. */
  readonly unknown?: "partial" | "skipped";
  /** What it was shown of: the commit and the files that are watched. Absent in runs of older versions. */
  readonly of?: { readonly commit: string; readonly digest: string | null };
}

export interface ProbeInput {
  readonly environment: string;
  readonly probe: ProbeRun | AwsKeyProbe;
}

export interface RotationInput {
  readonly duty: string;
  readonly environment: string;
  readonly rotation: RotationRun;
  /** The commit whose programs it runs; absent in runs of older versions, which run none. */
  readonly sha?: string;
  readonly by: string;
}

/** What a scan is told. */
export interface ScanInput {
  readonly sha: string;
  /** Its commit instead, and what it brings besides. */
  readonly release: ReleaseId | null;
  /** `tree` in runs of older versions. */
  readonly what?: "tree" | "history" | "logs" | "diff";
  /** Of a `diff`: what is not looked at, with all before it. */
  readonly from?: string | null;
}

export interface NoticesInput {
  /** All that there are where it is null. */
  readonly channels: readonly string[] | null;
}

/** What is told that shows a duty of texts, incidents or figures. */
export interface ContentInput {
  readonly duty: string;
  readonly sha: string;
  readonly environment: string;
  readonly run: ContentRun;
}

export const dutyStages = {
  step: "duty-step",
  probe: "duty-probe",
  rotation: "duty-rotation",
  scan: "duty-scan",
  notices: "duty-notices",
  content: "duty-content",
  record: "duty-record",
} as const;

/** Whose secrets are told where a duty belongs to no environment. */
const dutySecrets = "build";

const halfAnHour: Millis = 30 * 60_000;
/** Consumers may wait for somebody's yes; an overlap of two keys ends with it. */
const overlap: Millis = 24 * 3_600_000;

/** What runs of duties are asked with. */
export interface DutyRunAsked {
  readonly commit: string;
  readonly by: string;
  readonly requester: Actor;
  readonly release: ReleaseId | null;
  readonly slot: string | null;
}

/** The run that shows a duty by itself. Throws `not_allowed_now` where nothing would run, for that would show nothing. */
export function planDutyRun(duty: Duty, run: DutyRun, playbooks: readonly Playbook[], asked: DutyRunAsked): RunPlan {
  const { environment } = duty;
  const playbook = run.kind === "playbook" ? playbooks.find(({ id }) => id === run.playbook) : undefined;
  const jobs = jobsOf(duty, run, playbook, asked);
  if (jobs.length === 0)
    throw new FairwayError("not_allowed_now", `nothing would run for ${duty.id}`, {
      hint: playbook === undefined ? "its playbook is gone" : `mark a fence with step=NAME in ${playbook.file}`,
    });
  const record: DutyRecordInput = {
    ...{ duty: duty.id, release: asked.release, slot: asked.slot },
    automation: playbook === undefined ? run.kind : `playbook ${playbook.id}`,
    otherwise: run.kind === "rotation" ? "partial" : "failed",
    // Who only looks, and could not, knows as little as before; who acts has perhaps done a part.
    unknown: ["probe", "awsKey", "scan"].includes(run.kind) ? "skipped" : "partial",
    of: { commit: asked.commit, digest: duty.digest ?? null },
  };
  return {
    kind: "duty",
    title: `show ${duty.id}`,
    subject: asJson({
      ...{ duty: duty.id, environment, release: asked.release },
      ...(playbook === undefined ? {} : { playbook: playbook.id, sha256: playbook.sha256 }),
    }),
    requestedBy: asked.by,
    terms: { requester: asked.requester },
    jobs: [
      ...jobs,
      {
        name: "record",
        stage: dutyStages.record,
        needs: jobs.map(({ name }) => name),
        turn: "always",
        input: asJson(record),
        timeout: 300_000,
      },
    ],
  };
}

/** The run of a playbook that somebody asks for. It is pinned to the text that the commit has. */
export const planPlaybookRun = (playbook: Playbook, environment: string | null, asked: DutyRunAsked): RunPlan => ({
  kind: "duty",
  title: `playbook ${playbook.id}`,
  subject: asJson({ playbook: playbook.id, sha256: playbook.sha256, commit: asked.commit, environment }),
  requestedBy: asked.by,
  terms: { requester: asked.requester },
  jobs: playbookJobs(playbook, environment, asked),
});

function jobsOf(
  { id, environment }: Duty,
  run: DutyRun,
  playbook: Playbook | undefined,
  asked: DutyRunAsked,
): readonly JobPlan[] {
  const only = (name: string, stage: string, input: object, timeout: Millis): readonly JobPlan[] => [
    { name, stage, needs: [], turn: "after-success", input: asJson(input), timeout },
  ];
  switch (run.kind) {
    case "command": {
      const env = Object.fromEntries(Object.entries(run.secrets).map(([name, secret]) => [name, { secret }]));
      const step: DutyStepInput = {
        ...{ sha: asked.commit, argv: run.argv, shownAs: run.argv, idempotent: false, timeout: run.timeout },
        env: { ...about(environment, asked), ...env },
        secretsOf: environment ?? dutySecrets,
      };
      return only("command", dutyStages.step, step, run.timeout + halfAnHour);
    }
    case "probe":
      return only(
        "probe",
        dutyStages.probe,
        { environment: environment ?? dutySecrets, probe: run },
        2 * run.timeout + 60_000,
      );
    case "awsKey":
      return only("probe", dutyStages.probe, { environment: environment ?? dutySecrets, probe: run }, 300_000);
    case "rotation": {
      const input: RotationInput = {
        duty: id,
        environment: environment ?? dutySecrets,
        rotation: run,
        by: asked.by,
        sha: asked.commit,
      };
      return only("rotation", dutyStages.rotation, input, overlap);
    }
    case "scan": {
      const input: ScanInput = { sha: asked.commit, release: asked.release, what: run.what ?? "tree" };
      return only(
        "scan",
        dutyStages.scan,
        input,
        run.what === "history" || run.what === "logs" ? 12 * halfAnHour : 2 * halfAnHour,
      );
    }
    case "notices":
      return only("notices", dutyStages.notices, { channels: run.channels } satisfies NoticesInput, halfAnHour);
    case "docs":
    case "replay":
    case "kpi":
    case "summary":
    case "packet": {
      const input: ContentInput = { duty: id, sha: asked.commit, environment: environment ?? dutySecrets, run };
      return only(run.kind, dutyStages.content, input, halfAnHour);
    }
    case "playbook":
      return playbook === undefined ? [] : playbookJobs(playbook, environment, asked);
  }
}

function playbookJobs(playbook: Playbook, environment: string | null, asked: DutyRunAsked): readonly JobPlan[] {
  const jobs: JobPlan[] = [];
  for (const step of playbook.steps) {
    const last = jobs.at(-1);
    const needs = last === undefined ? [] : [last.name];
    const timeout = step.timeout ?? halfAnHour;
    const argv = programOf(step);
    if (argv === null) continue;
    if (step.approval)
      jobs.push({
        ...{ name: `approval:${step.name}`, stage: "approval", needs, turn: "after-success", timeout: 0 },
        input: { needed: 1, digest: digestOf(step) } satisfies Json,
      });
    const input: DutyStepInput = {
      ...{ sha: asked.commit, argv, shownAs: [step.name], idempotent: step.idempotent, timeout },
      env: { ...about(environment, asked), FAIRWAY_PLAYBOOK: playbook.id },
      secretsOf: environment ?? dutySecrets,
    };
    jobs.push({
      ...{ name: `step:${step.name}`, stage: dutyStages.step, turn: "after-success" },
      needs: step.approval ? [`approval:${step.name}`] : needs,
      input: asJson(input),
      timeout: timeout + 60_000,
    });
  }
  return jobs;
}

const about = (environment: string | null, { release, by }: DutyRunAsked): Readonly<Record<string, string>> => ({
  ...(environment === null ? {} : { FAIRWAY_ENVIRONMENT: environment }),
  ...(release === null ? {} : { FAIRWAY_RELEASE: release }),
  FAIRWAY_USER: by,
});
