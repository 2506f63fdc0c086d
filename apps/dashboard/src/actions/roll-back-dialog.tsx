import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Answered } from "../components/answered.tsx";
import { Confirm } from "../components/confirm.tsx";
import { FewInList } from "../components/few-in-list.tsx";
import { duration } from "../text/time.ts";
import { NoteLine } from "../components/note.tsx";

const wayWords = {
  flip: "only traffic moves",
  redeploy: "is started again",
  compensate: "is made good by something else",
  irreversible: "stays as it is",
} as const;

/** Brings the last good release back, after showing how each part goes there. */
export function RollBackDialog({
  environment,
  onClose,
}: {
  readonly environment: string;
  readonly onClose: () => void;
}): ReactElement {
  const router = useRouter();
  const { name } = useWho();
  const [reason, setReason] = useState("");
  const way = useQuery(asked("rollbackPlan", { environment }));
  const rollback = useChange("rollback");
  return (
    <Confirm
      title={`Roll ${environment} back`}
      verb={way.data === undefined ? "Roll back" : `Bring ${way.data.plan.release} back`}
      danger
      ready={way.data !== undefined && way.data.plan.obstacles.length === 0}
      onClose={onClose}
      act={async () => {
        const { id } = await rollback.mutateAsync({
          environment,
          release: way.data?.plan.release ?? null,
          by: name,
          ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
        });
        void router.navigate({ to: "/deployments/$run", params: { run: id } });
      }}
    >
      <Answered question={way}>
        {({ plan, parts, expected, joins, stops, quarantines, warnings }) => (
          <div className="stack">
            {[...plan.obstacles, ...warnings].map((sentence) => (
              <NoteLine key={sentence} tone={plan.obstacles.includes(sentence) ? "failed" : "waiting"}>
                {sentence}
              </NoteLine>
            ))}
            <ul className="plan-list">
              {stops === null ? null : <li>{stops} is stopped first.</li>}
              {joins === null ? null : <li>{joins} is on its way back already; this joins it.</li>}
              <FewInList rows={parts}>
                {({ name: part, kind, way: how, expected: time, note }) => (
                  <li key={`${kind} ${part}`}>
                    <strong>{part}</strong> {wayWords[how]}{" "}
                    <span className="muted">
                      {[kind, time === null ? null : `about ${duration(time)}`, note].filter(Boolean).join(", ")}
                    </span>
                  </li>
                )}
              </FewInList>
              {quarantines === null ? null : (
                <li>
                  <strong>{quarantines}</strong> goes into quarantine: nobody can deploy it until a person lifts that.
                </li>
              )}
            </ul>
            <p className="muted">
              No approval is needed{expected === null ? "." : `; it takes about ${duration(expected)}.`}
            </p>
            <label className="field">
              Why, for whoever meets the quarantine
              <input value={reason} maxLength={2000} onChange={({ target }) => setReason(target.value)} />
            </label>
          </div>
        )}
      </Answered>
    </Confirm>
  );
}
