import type { AccessReviewShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { FewAtATime, useFewAtATime } from "../../components/few-at-a-time.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { principalsLike } from "./principals-like.ts";

type Principal = AccessReviewShape["principals"][number];

/** As many as are seen at a glance. */
const few = 20;

/** The newest review of each duty that asks for one, with what was decided of everybody. */
export function AccessReviews(): ReactElement {
  const reviews = useQuery(asked("accessReviews", {}));
  return (
    <Answered question={reviews} rows={4}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="Nobody's access was reviewed yet">
            <p>
              An <code>access-review</code> of a key in <code>ops/credentials.yaml</code> says when it is owed.
            </p>
          </EmptyNote>
        ) : (
          <FewAtATime rows={found} page={10}>
            {(shown) => shown.map((review) => <Review key={review.number} review={review} />)}
          </FewAtATime>
        )
      }
    </Answered>
  );
}

function Review({ review }: { readonly review: AccessReviewShape }): ReactElement {
  const [decides, decide] = useState<Principal | null>(null);
  const { number, duty, system, at, by, open, principals } = review;
  const [text, setText] = useState("");
  const found = principalsLike(principals, text);
  return (
    <>
      <p>
        {duty}, {system}: {open === 0 ? "everybody is decided" : `${open} not decided yet`},{" "}
        <span className="muted">
          begun <RelativeTime at={at} /> by {by}
        </span>
      </p>
      {principals.length <= few ? null : (
        <SearchField label={`Search who can do what in ${system}`} value={text} onChange={setText} />
      )}
      {found.length === 0 ? (
        <EmptyNote title="Nobody there is called that" />
      ) : (
        <Principals key={text} system={system} principals={found} onDecide={decide} />
      )}
      {decides === null ? null : (
        <DecideDialog number={number} principal={decides.principal} onClose={() => decide(null)} />
      )}
    </>
  );
}

function Principals({
  system,
  principals,
  onDecide,
}: {
  readonly system: string;
  readonly principals: readonly Principal[];
  readonly onDecide: (principal: Principal) => void;
}): ReactElement {
  const { may } = useWho();
  const { shown, more } = useFewAtATime(principals);
  return (
    <>
      <DataTable label={`Who can do what in ${system}`} head={["Who", "Access", "Last used", "Decided"]} withActions>
        {shown.map((principal) => (
          <tr key={principal.principal}>
            <th scope="row" className="duty-title">
              {principal.principal}
              <p className="muted">{[principal.kind, ...principal.concerns].join(", ")}</p>
            </th>
            <td className="duty-why">{principal.access.join(", ")}</td>
            <td>{principal.lastUsed === null ? "not known" : <RelativeTime at={principal.lastUsed} />}</td>
            <td>
              {principal.decision === null
                ? "not yet"
                : `${principal.decision.choice}, by ${principal.decision.by}: ${principal.decision.because}`}
            </td>
            <td>
              <ActionButton small possible={may("change", null)} onPress={() => onDecide(principal)}>
                Decide …
              </ActionButton>
            </td>
          </tr>
        ))}
      </DataTable>
      {more}
    </>
  );
}

const choices = ["keep", "change", "revoke"] as const;

function DecideDialog({
  number,
  principal,
  onClose,
}: {
  readonly number: number;
  readonly principal: string;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [choice, setChoice] = useState<(typeof choices)[number] | null>(null);
  const [because, setBecause] = useState("");
  const decide = useChange("decideAccess");
  return (
    <Confirm
      title={`What becomes of ${principal}`}
      verb="Decide"
      ready={choice !== null && because.trim() !== ""}
      onClose={onClose}
      act={async () => {
        if (choice !== null) await decide.mutateAsync({ by, number, principal, choice, because: because.trim() });
      }}
    >
      <fieldset className="choice">
        <legend>Its access</legend>
        {choices.map((each) => (
          <label key={each} className="check">
            <input type="radio" name="choice" checked={choice === each} onChange={() => setChoice(each)} />
            {each}
          </label>
        ))}
      </fieldset>
      <label className="field">
        Why
        <textarea
          rows={2}
          value={because}
          maxLength={2000}
          required
          onChange={({ target }) => setBecause(target.value)}
        />
      </label>
    </Confirm>
  );
}
