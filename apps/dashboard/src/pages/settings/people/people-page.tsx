import type { PersonShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { client } from "../../../api/client.ts";
import { usePages } from "../../../api/use-pages.ts";
import { useWho } from "../../../api/who.ts";
import { ActionButton } from "../../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../../components/answered.tsx";
import { DataTable } from "../../../components/data-table.tsx";
import { MoreRows } from "../../../components/more-rows.tsx";
import { Page } from "../../../components/page.tsx";
import { SearchField } from "../../../components/search-field.tsx";
import { RelativeTime } from "../../../components/relative-time.tsx";
import { AddPersonDialog, DisableDialog, GrantDialog } from "./person-dialogs.tsx";
import { placeWords } from "./place-words.ts";

const page = 100;

/** Everybody who may log in, with what they may do where. */
export function PeoplePage(): ReactElement {
  const { may, singleUser } = useWho();
  const [adds, setAdds] = useState(false);
  return (
    <Page
      title="People"
      command="fairway users list"
      actions={
        <ActionButton tone="main" possible={may("people", null)} onPress={() => setAdds(true)}>
          Add a person
        </ActionButton>
      }
    >
      {singleUser ? (
        <p className="note" data-tone="plain">
          <span>
            Nobody logs in here: whoever sits at this machine may do everything. With the first person that is added,
            everybody has to log in.
          </span>
        </p>
      ) : null}
      <People />
      {adds ? <AddPersonDialog onClose={() => setAdds(false)} /> : null}
    </Page>
  );
}

function People(): ReactElement {
  const [text, setText] = useState("");
  const people = usePages({
    key: ["people", { text }],
    size: page,
    ask: (after: string | undefined, signal) =>
      client.call(
        "people",
        { limit: page, ...(text === "" ? {} : { text }), ...(after === undefined ? {} : { after }) },
        signal,
      ),
    cursorOf: ({ name }) => name,
  });
  return (
    <>
      <SearchField label="Search people by name or address" value={text} onChange={setText} />
      <Answered question={people.question} rows={4}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote
              title={text === "" ? "Nobody has a login yet" : `Nobody has "${text}" in their name or address`}
            />
          ) : (
            <DataTable label="People" head={["Person", "Roles", "Last seen"]} withActions>
              {found.map((person) => (
                <PersonRow key={person.id} person={person} />
              ))}
            </DataTable>
          )
        }
      </Answered>
      <MoreRows pages={people} />
    </>
  );
}

function PersonRow({ person }: { readonly person: PersonShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"grant" | "disable" | null>(null);
  const { name, email, login, grants, disabled, lastSeenAt } = person;
  const possible = may("people", null);
  return (
    <tr>
      <th scope="row">
        {name} {disabled ? <span className="chip">kept out</span> : null}
        <p className="muted">
          {[email, login === "oidc" ? "by your identity provider" : null].filter(Boolean).join(", ")}
        </p>
      </th>
      <td>
        {grants.length === 0 ? (
          <span className="muted">none</span>
        ) : (
          grants.map((grant) => `${grant.role} ${placeWords(grant)}`).join(", ")
        )}
      </td>
      <td>{lastSeenAt === null ? <span className="muted">never</span> : <RelativeTime at={lastSeenAt} />}</td>
      <td>
        <div className="row">
          <ActionButton small possible={possible} onPress={() => ask("grant")}>
            Roles …
          </ActionButton>
          <ActionButton small tone="danger" possible={possible} onPress={() => ask("disable")}>
            {disabled ? "Let in again" : "Keep out"}
          </ActionButton>
        </div>
        {asks === "grant" ? <GrantDialog person={person} onClose={() => ask(null)} /> : null}
        {asks === "disable" ? <DisableDialog person={person} onClose={() => ask(null)} /> : null}
      </td>
    </tr>
  );
}
