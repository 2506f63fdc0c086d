import type { ApprovalDetail, InfrastructurePlanShape, InfrastructurePlanSummary } from "@fairway/api";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { deadline } from "../../api/answers.ts";
import { client } from "../../api/client.ts";
import { inTime } from "../../api/in-time.ts";
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

/** Resource by resource: an approval is of all of them, so all can be had, however many do not fit into one answer. */
function Planned({ plan: { id, stack, environment, mode, count, expiresAt, tool } }: Asked): ReactElement {
  const plan = useInfiniteQuery({
    queryKey: ["infrastructurePlan", { plan: id }, "pages"],
    queryFn: ({ pageParam, signal }) =>
      inTime((wanted) => client.call("infrastructurePlan", { plan: id, from: pageParam }, wanted), signal, deadline),
    initialPageParam: 0,
    getNextPageParam: ({ resources }, pages) => {
      const come = pages.reduce((total, { changes }) => total + changes.length, 0);
      return come < resources ? come : undefined;
    },
  });
  return (
    <>
      <p>
        {mode === "destroy" ? "Everything of " : mode === "refresh-only" ? "The state of " : ""}
        <strong>{stack}</strong> in {environment}, by {tool}: {count.create} to create, {count.update} to change,{" "}
        {count.replace} to make anew, {count.destroy} to destroy. The plan is good until <RelativeTime at={expiresAt} />
        .
      </p>
      <Answered question={{ ...plan, data: plan.data?.pages }} rows={4}>
        {(pages) => (
          <>
            <Changes changes={pages.flatMap(({ changes }) => changes)} />
            {plan.hasNextPage ? (
              <button
                type="button"
                className="button"
                disabled={plan.isFetchingNextPage}
                onClick={() => void plan.fetchNextPage()}
              >
                Show more of {pages[0]?.resources} resources
              </button>
            ) : null}
            <Outputs outputs={pages[0]?.outputs ?? []} shown={pages[0]?.shown ?? null} />
          </>
        )}
      </Answered>
    </>
  );
}

function Changes({ changes }: Pick<InfrastructurePlanShape, "changes">): ReactElement {
  return (
    <ul className="plan-list">
      {changes.map(({ address, action, reason, fields }) => (
        <li key={`${address} ${action}`}>
          <strong>{action}</strong> <code>{address}</code>{" "}
          {reason === null ? null : <span className="muted">{reason}</span>}
          <FieldChanges fields={fields} />
        </li>
      ))}
      {changes.length === 0 ? <li>No resource changes.</li> : null}
    </ul>
  );
}

function Outputs({ outputs, shown }: Pick<InfrastructurePlanShape, "outputs" | "shown">): ReactElement {
  return (
    <>
      {outputs.length === 0 ? null : <p className="muted">Outputs that change: {outputs.join(", ")}</p>}
      {shown === null ? null : <pre className="approval-shown">{shown}</pre>}
    </>
  );
}

interface Asked {
  readonly plan: InfrastructurePlanSummary;
}
