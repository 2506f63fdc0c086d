import type { ApprovalDetail, InfrastructurePlanSummary } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { FieldChanges } from "../../components/field-changes.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";

/** The plan of a stack, resource by resource. What is sensitive never comes to the browser. */
export function InfrastructureAsked({
  approval: { infrastructure },
}: {
  readonly approval: ApprovalDetail;
}): ReactElement | null {
  if (infrastructure === null) return null;
  return (
    <div className="stack">
      {infrastructure.names.length === 0 ? null : (
        <p className="note" data-tone="failed">
          <span>Taken away for good: {infrastructure.names.join(", ")}</span>
        </p>
      )}
      {infrastructure.plan === null ? (
        <p>A state that was kept is put back in the place of the one that is there.</p>
      ) : (
        <Planned plan={infrastructure.plan} />
      )}
    </div>
  );
}

function Planned({ plan: { id, stack, environment, mode, count, expiresAt, tool } }: Asked): ReactElement {
  const plan = useQuery(asked("infrastructurePlan", { plan: id }));
  return (
    <>
      <p>
        {mode === "destroy" ? "Everything of " : mode === "refresh-only" ? "The state of " : ""}
        <strong>{stack}</strong> in {environment}, by {tool}: {count.create} to create, {count.update} to change,{" "}
        {count.replace} to make anew, {count.destroy} to destroy. The plan is good until <RelativeTime at={expiresAt} />
        .
      </p>
      <Answered question={plan} rows={4}>
        {({ changes, resources, outputs, shown }) => (
          <>
            <ul className="plan-list">
              {changes.map(({ address, action, reason, fields }) => (
                <li key={`${address} ${action}`}>
                  <strong>{action}</strong> <code>{address}</code>{" "}
                  {reason === null ? null : <span className="muted">{reason}</span>}
                  <FieldChanges fields={fields} />
                </li>
              ))}
              {changes.length === 0 ? <li>No resource changes.</li> : null}
              {resources > changes.length ? (
                <li className="muted">
                  … and {resources - changes.length} more: <code>fairway infrastructure show {id} --all</code>
                </li>
              ) : null}
            </ul>
            {outputs.length === 0 ? null : <p className="muted">Outputs that change: {outputs.join(", ")}</p>}
            {shown === null ? null : <pre className="approval-shown">{shown}</pre>}
          </>
        )}
      </Answered>
    </>
  );
}

interface Asked {
  readonly plan: InfrastructurePlanSummary;
}
