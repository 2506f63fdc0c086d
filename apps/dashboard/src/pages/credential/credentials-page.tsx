import type { CredentialsShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote, WhyNone } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Icon } from "../../components/icons.tsx";
import { Page, Section } from "../../components/page.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { OwedDuty } from "../duty/owed-duty.tsx";
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
      <WhyNone question={duties} />
      <Answered question={credentials} rows={8}>
        {(found) => (
          <>
            <Drift drift={found.drift} />
            <EndingTokens tokens={found.tokens} />
            <Found credentials={found.credentials} />
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

function EndingTokens({ tokens }: Pick<CredentialsShape, "tokens">): ReactElement | null {
  if (tokens.length === 0) return null;
  return (
    <Section title="API tokens of Fairway that end">
      <ul className="duty-problems">
        <FewInList rows={tokens}>
          {({ id, name, owner, expiresAt, state }) => (
            <li key={id}>
              {name} of {owner} {state === "overdue" ? "ended" : "ends"} on {expiresAt.slice(0, 10)}
            </li>
          )}
        </FewInList>
      </ul>
    </Section>
  );
}

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

function Found({ credentials }: Pick<CredentialsShape, "credentials">): ReactElement {
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
          <Facts credential={credential} />
        </Section>
      ))}
      {more}
    </>
  );
}

function Facts({
  credential: { id, vendor, kind, environments, owner, store, consumers, duties: owed },
}: {
  readonly credential: Credential;
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
      {owed.map((each) => (
        <OwedDuty key={each.duty} owed={each} name={each.duty.replace(`credential/${id}@`, "")} />
      ))}
    </dl>
  );
}
