import type { SessionShape } from "@fairway/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../../api/answers.ts";
import { client } from "../../../api/client.ts";
import { useWho } from "../../../api/who.ts";
import { Answered, EmptyNote, ProblemNote } from "../../../components/answered.tsx";
import { DataTable } from "../../../components/data-table.tsx";
import { useFewAtATime } from "../../../components/few-at-a-time.tsx";
import { Page, Section } from "../../../components/page.tsx";
import { RelativeTime } from "../../../components/relative-time.tsx";
import { PasswordDialog } from "./password-dialog.tsx";

/** Whoever looks: where they are logged in, their password, and the way out. */
export function AccountPage(): ReactElement {
  const { name, singleUser } = useWho();
  if (singleUser)
    return (
      <Page title="Your account" command="fairway whoami">
        <EmptyNote title="Nobody logs in here">
          <p>Whoever sits at this machine may do everything. With the first person that is added everybody logs in.</p>
        </EmptyNote>
      </Page>
    );
  return (
    <Page title="Your account" lead={<p>You are {name}.</p>} command="fairway whoami" actions={<Ways />}>
      <Section title="Where you are logged in">
        <Sessions />
      </Section>
    </Page>
  );
}

function Ways(): ReactElement {
  const queries = useQueryClient();
  const [changes, setChanges] = useState(false);
  const [thrown, setThrown] = useState<unknown>(null);
  async function leave(): Promise<void> {
    try {
      await client.call("logout", {});
      await queries.resetQueries();
    } catch (failure) {
      setThrown(failure);
    }
  }
  return (
    <>
      <button type="button" className="button" onClick={() => setChanges(true)}>
        Change the password
      </button>
      <button type="button" className="button" onClick={() => void leave()}>
        Log out
      </button>
      {thrown === null ? null : <ProblemNote thrown={thrown} />}
      {changes ? <PasswordDialog onClose={() => setChanges(false)} /> : null}
    </>
  );
}

function Sessions(): ReactElement {
  const sessions = useQuery(asked("sessions", {}));
  return <Answered question={sessions}>{(found) => <SessionRows sessions={found} />}</Answered>;
}

function SessionRows({ sessions }: { readonly sessions: readonly SessionShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(sessions);
  return (
    <>
      <DataTable label="Sessions" head={["Session", "Last used", "Ends"]} withActions>
        {shown.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </DataTable>
      {more}
    </>
  );
}

function SessionRow({
  session: { id, kind, current, address, userAgent, lastUsedAt, expiresAt },
}: {
  readonly session: SessionShape;
}): ReactElement {
  const end = useChange("endSession");
  return (
    <tr>
      <th scope="row">
        {kind === "browser" ? "Browser" : "Command line"} {current ? <span className="chip">this one</span> : null}
        <p className="muted">{[address, userAgent].filter(Boolean).join(", ")}</p>
      </th>
      <td>
        <RelativeTime at={lastUsedAt} />
      </td>
      <td>
        <RelativeTime at={expiresAt} />
      </td>
      <td>
        {current ? null : (
          <button
            type="button"
            className="button button-small"
            disabled={end.isPending}
            onClick={() => end.mutate({ session: id })}
          >
            End it
          </button>
        )}
        {end.error === null ? null : <ProblemNote thrown={end.error} />}
      </td>
    </tr>
  );
}
