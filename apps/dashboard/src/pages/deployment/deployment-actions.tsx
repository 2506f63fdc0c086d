import type { DeploymentDetail, EnvironmentShape, Run } from "@fairway/api";
import { can } from "@fairway/core";
import type { ReactElement } from "react";
import { useState } from "react";
import { AnswerDialog } from "../../actions/answer-dialog.tsx";
import { PauseDialog, ResumeDialog } from "../../actions/pause-dialog.tsx";
import { RetryDialog } from "../../actions/retry-dialog.tsx";
import { RollBackDialog } from "../../actions/roll-back-dialog.tsx";
import { StopDialog } from "../../actions/stop-dialog.tsx";
import { allOf } from "../../api/may.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";

/** What can be done about a deployment now; what cannot says why. */
export function DeploymentActions({
  run,
  deployment,
  environment,
}: {
  readonly run: Run;
  readonly deployment: DeploymentDetail | undefined;
  readonly environment: EnvironmentShape | undefined;
}): ReactElement {
  const { may } = useWho();
  const [open, setOpen] = useState<"answer" | "pause" | "resume" | "stop" | "retry" | "rollback" | null>(null);
  const close = (): void => setOpen(null);
  const place = run.environment ?? undefined;
  const stops = can.stop({
    ...run,
    frozen: false,
    isRollback: deployment?.reason === "rollback",
    begun: hasBegun(run),
    finishing: run.jobs.some(({ stage, state }) => stage === "finish" && state === "running"),
    force: false,
    keep: false,
  });
  const pauses = can.pause({
    ...run,
    isRollback: deployment?.reason === "rollback",
    restoring: run.jobs.some(({ stage, state }) => stage === "restore" && state === "running"),
    finishing: run.jobs.some(
      ({ stage, state }) => stage === "finish" && (state === "running" || state === "succeeded"),
    ),
  });
  const runsNow = environment?.current?.run === run.id;
  return (
    <>
      {run.approval === null ? null : (
        <ActionButton tone="main" possible={may("approve", place)} onPress={() => setOpen("answer")}>
          Review and answer
        </ActionButton>
      )}
      {run.endedAt !== null ? null : run.paused === null ? (
        <ActionButton possible={allOf(may("change", place), pauses)} onPress={() => setOpen("pause")}>
          Pause
        </ActionButton>
      ) : (
        <ActionButton tone="main" possible={may("change", place)} onPress={() => setOpen("resume")}>
          Resume
        </ActionButton>
      )}
      {run.endedAt === null ? (
        <ActionButton tone="danger" possible={allOf(may("change", place), stops)} onPress={() => setOpen("stop")}>
          Stop
        </ActionButton>
      ) : null}
      {run.endedAt === null || run.state === "succeeded" ? null : (
        <ActionButton possible={allOf(may("change", place), can.retry(run))} onPress={() => setOpen("retry")}>
          Try again
        </ActionButton>
      )}
      {runsNow && environment.previous !== null ? (
        <ActionButton tone="danger" possible={may("change", place)} onPress={() => setOpen("rollback")}>
          Roll back to {environment.previous}
        </ActionButton>
      ) : null}
      {open === "answer" ? <AnswerDialog run={run} onClose={close} /> : null}
      {open === "pause" ? <PauseDialog run={run} onClose={close} /> : null}
      {open === "resume" ? <ResumeDialog run={run} onClose={close} /> : null}
      {open === "stop" ? (
        <StopDialog run={run} from={deployment?.from ?? null} begun={hasBegun(run)} onClose={close} />
      ) : null}
      {open === "rollback" && run.environment !== null ? (
        <RollBackDialog environment={run.environment} onClose={close} />
      ) : null}
      {open === "retry" ? <RetryDialog run={run.id} onClose={close} /> : null}
    </>
  );
}

const hasBegun = ({ jobs }: Run): boolean =>
  jobs.some(({ stage, state }) => stage === "begin" && state === "succeeded");
