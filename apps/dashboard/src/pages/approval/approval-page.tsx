import type { ApprovalDetail, Plan } from "@fairway/api";
import { codeOf } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Fragment } from "react";
import { asked } from "../../api/answers.ts";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { EmptyNote } from "../../components/answered.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { Icon } from "../../components/icons.tsx";
import { Page, Section } from "../../components/page.tsx";
import { PlanView } from "../../components/plan-view.tsx";
import { ReleaseChanges } from "../../components/release-changes.tsx";
import { AnswerForm } from "./answer-form.tsx";
import { approvalRoute } from "./approval-route.ts";
import { InfrastructureAsked } from "./infrastructure-asked.tsx";
import { WhoAnswers } from "./who-answers.tsx";
import "./approval.css";

/** What a run asks people: exactly what an answer is bound to, whose yes counts, what voids it, and the answer itself. */
export function ApprovalPage(): ReactElement {
  const { run } = approvalRoute.useParams();
  const approval = useQuery(asked("approval", { run }));
  // What was asked stays on the page of an old answer; that nothing is asked any more is newer.
  if (codeOf(approval.error) === "not_allowed_now") return <NothingAsked run={run} />;
  return (
    <AnsweredPage question={approval} title={`Approval of ${run}`}>
      {(found) => <Asked approval={found} />}
    </AnsweredPage>
  );
}

/** For a link that is older than the answer. */
function NothingAsked({ run }: { readonly run: string }): ReactElement {
  return (
    <Page title={`${run} asks nothing`} command={`fairway run show ${run}`}>
      <EmptyNote title="It does not wait for an approval">
        <p>
          It was answered, has ended, or has yet to ask.{" "}
          <Link to="/runs/$run" params={{ run }}>
            See what became of {run}
          </Link>
        </p>
      </EmptyNote>
    </Page>
  );
}

function Asked({ approval }: { readonly approval: ApprovalDetail }): ReactElement {
  const { run, title, requestedBy, environment, digest, needed, given, step, kind } = approval;
  const yes = given.filter(({ answer }) => answer === "yes").length;
  return (
    <Page
      title={`Approve: ${title}`}
      heading={title}
      lead={
        <p className="row row-wrap">
          <span className="chip" data-tone="waiting">
            <Icon name="pause" />
            {yes} of {needed} said yes
          </span>
          <span>
            asked by {requestedBy}
            {environment === null ? "" : `, for ${environment}`} ·{" "}
            <Link to={kind === "infrastructure" ? "/runs/$run" : "/deployments/$run"} params={{ run }}>
              {run}
            </Link>
          </span>
        </p>
      }
      command={`fairway approve ${run}`}
    >
      <Now approval={approval} />
      <div className="approval">
        <div className="approval-what">
          <Section
            title="Exactly this is approved"
            aside={<CopyText text={digest} short={`${digest.slice(0, 19)}…`} label="the digest" />}
          >
            {step === null ? null : (
              <p className="note" data-tone="waiting">
                <Icon name="pause" />
                <span>
                  {step.question} {step.service} has {step.weight} % of the traffic on the new release.
                </span>
              </p>
            )}
            <InfrastructureAsked approval={approval} />
            {approval.plan === null ? null : (
              <>
                <PlanFacts plan={approval.plan} />
                <PlanView plan={approval.plan} />
              </>
            )}
          </Section>
          {approval.changes === null ? null : (
            <Section title={`What ${approval.changes.to} changes against ${approval.changes.from}, which ran there`}>
              <ReleaseChanges diff={approval.changes} />
            </Section>
          )}
        </div>
        <div className="approval-who">
          <Section title="Your answer">
            <AnswerForm key={digest} approval={approval} />
          </Section>
          <Section title="Who answers">
            <WhoAnswers approval={approval} />
          </Section>
          <Section title="What will void it">
            <ul className="plan-list">
              {approval.voids.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </Section>
        </div>
      </div>
    </Page>
  );
}

function PlanFacts({
  plan: { environment, release, releaseDigest, revision, from, reason, rollouts },
}: {
  readonly plan: Plan;
}): ReactElement {
  return (
    <dl className="facts">
      <dt>Release</dt>
      <dd>
        <Link to="/releases/$release" params={{ release }}>
          {release}
        </Link>{" "}
        {revision.subject}
      </dd>
      <dt>Commit</dt>
      <dd>
        <code>{revision.short}</code> by {revision.author}
      </dd>
      <dt>Digest of the release</dt>
      <dd>
        <CopyText text={releaseDigest} short={`${releaseDigest.slice(0, 19)}…`} label="the digest of the release" />
      </dd>
      <dt>Runs there now</dt>
      <dd>{from ?? "nothing"}</dd>
      <dt>Why</dt>
      <dd>
        {reason === "deploy" ? "deployed" : reason === "promotion" ? "promoted" : "a way back"} to {environment}
      </dd>
      {rollouts.map(({ service, artifact }) => (
        <Fragment key={service}>
          <dt>Artifact of {service}</dt>
          <dd>
            <CopyText text={artifact} short={`${artifact.slice(0, 19)}…`} label={`the artifact of ${service}`} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** Whether what was asked about would still happen. */
function Now({ approval: { now, changes, plan } }: { readonly approval: ApprovalDetail }): ReactElement | null {
  if (now !== null && (now.problem !== null || now.differences.length > 0))
    return (
      <div className="note" data-tone="failed">
        <Icon name="bang" />
        <div>
          <p className="note-title">What would happen now is not what was asked about: a yes would be refused</p>
          {now.problem === null ? null : <p>{now.problem}</p>}
          <ul>
            {now.differences.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      </div>
    );
  if (plan !== null && changes === null)
    return (
      <p className="note" data-tone="plain">
        <span>
          {plan.from === null
            ? `Nothing ran in ${plan.environment} when it was asked for, so there is nothing to compare it with.`
            : `${plan.from} runs there already: it is started again.`}
        </span>
      </p>
    );
  return null;
}
