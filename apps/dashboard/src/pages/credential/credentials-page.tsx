import type { CredentialsShape, DutyShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote, ProblemNote } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Icon } from "../../components/icons.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { DutyActions } from "../duty/duty-actions.tsx";
import { dutyLook } from "../duty/duty-look.ts";
import { AccessReviews } from "./access-reviews.tsx";
import { OpenReviewDialog } from "./open-review-dialog.tsx";
import { VendorContacts } from "./vendor-contacts.tsx";
import "../duty/duty.css";

type Credential = CredentialsShape["credentials"][number];

/** The keys of the project: whose they are, what is owed of each, and in what the inventory differs from the store. */
export function CredentialsPage(): ReactElement {
  const { may } = useWho();
  const [reviews, setReviews] = useState(false);
  const credentials = useQuery(asked("credentials", {}));
  const duties = useQuery(asked("duties", {}));
  return (
    <Page title="Credentials" command="fairway credentials">
      {duties.error === null ? null : <ProblemNote thrown={duties.error} again={() => void duties.refetch()} />}
      <Answered question={credentials} rows={8}>
        {(found) => (
          <>
            <Drift drift={found.drift} />
            <Found credentials={found.credentials} duties={duties.data?.duties ?? []} />
          </>
        )}
      </Answered>
      <Section
        title="Who can do what"
        aside={
          <ActionButton small possible={may("change", null)} onPress={() => setReviews(true)}>
            Review …
          </ActionButton>
        }
      >
        <AccessReviews />
      </Section>
      {credentials.data === undefined ? null : (
        <Section title="What was spoken of with vendors">
          <VendorContacts vendors={vendorsOf(credentials.data.credentials)} />
        </Section>
      )}
      {reviews ? <OpenReviewDialog duties={duties.data?.duties ?? []} onClose={() => setReviews(false)} /> : null}
    </Page>
  );
}

const vendorsOf = (credentials: readonly Credential[]): readonly string[] =>
  [...new Set(credentials.map(({ vendor }) => vendor))].toSorted();

function Drift({ drift }: Pick<CredentialsShape, "drift">): ReactElement | null {
  if (drift.length === 0) return null;
  return (
    <div className="note" data-tone="failed">
      <Icon name="bang" />
      <div>
        <p className="note-title">The inventory differs from the store</p>
        <ul className="duty-problems">
          <FewInList rows={drift}>
            {({ environment, name, drift: how }) => (
              <li key={`${environment} ${name}`}>
                {name} in {environment}{" "}
                {how === "unlisted"
                  ? "is in the store and not in the inventory"
                  : "is in the inventory and not in the store"}
              </li>
            )}
          </FewInList>
        </ul>
      </div>
    </div>
  );
}

function Found({
  credentials,
  duties,
}: {
  readonly credentials: readonly Credential[];
  readonly duties: readonly DutyShape[];
}): ReactElement {
  const { shown, more } = useFewAtATime(credentials);
  if (credentials.length === 0)
    return (
      <EmptyNote title="No key is in the inventory">
        <p>
          It stands in <code>ops/credentials.yaml</code> of the project.
        </p>
      </EmptyNote>
    );
  return (
    <>
      {shown.map((credential) => (
        <Section key={credential.id} title={credential.id}>
          <Facts credential={credential} duties={duties} />
        </Section>
      ))}
      {more}
    </>
  );
}

function Facts({
  credential: { vendor, kind, environments, owner, store, consumers, duties: owed },
  duties,
}: {
  readonly credential: Credential;
  readonly duties: readonly DutyShape[];
}): ReactElement {
  return (
    <dl className="facts card duty-facts">
      <dt>Of</dt>
      <dd>
        {vendor}, {kind}, in {environments.join(", ")}
      </dd>
      <dt>Owner</dt>
      <dd>{owner}</dd>
      <dt>In the store</dt>
      <dd className="mono">{store ?? "not there"}</dd>
      <dt>Used by</dt>
      <dd>{consumers.length === 0 ? "nothing" : consumers.join(", ")}</dd>
      {owed.map(({ duty, state, why, dueAt }) => (
        <Owed key={duty} owed={{ duty, state, why, dueAt }} known={duties.find(({ id }) => id === duty)} />
      ))}
    </dl>
  );
}

function Owed({
  owed: { duty, state, why, dueAt },
  known,
}: {
  readonly owed: Omit<Credential["duties"][number], "owner">;
  readonly known: DutyShape | undefined;
}): ReactElement {
  return (
    <>
      <dt>
        <Link to="/duties/$duty" params={{ duty }}>
          {duty}
        </Link>
      </dt>
      <dd>
        <StateBadge state={dutyLook[state]} word={state} /> {why}
        {dueAt === null ? null : (
          <>
            {" "}
            <span className="muted">
              due <RelativeTime at={dueAt} />
            </span>
          </>
        )}
        {known === undefined ? null : <DutyActions duty={known} release={null} small />}
      </dd>
    </>
  );
}
