import type { TokenShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../../api/answers.ts";
import { client } from "../../../api/client.ts";
import { usePages } from "../../../api/use-pages.ts";
import { useWho } from "../../../api/who.ts";
import { ActionButton } from "../../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../../components/answered.tsx";
import { Confirm } from "../../../components/confirm.tsx";
import { DataTable } from "../../../components/data-table.tsx";
import { useFewAtATime } from "../../../components/few-at-a-time.tsx";
import { MoreRows } from "../../../components/more-rows.tsx";
import { RelativeTime } from "../../../components/relative-time.tsx";

const page = 100;

/** What may act without a person: everybody's tokens for who manages people, one's own for others. */
export function Tokens(): ReactElement {
  const { may } = useWho();
  return may("people", null).possible ? <Everybodys /> : <Own />;
}

function Everybodys(): ReactElement {
  const tokens = usePages({
    key: ["allTokens", "pages"],
    size: page,
    ask: (before: string | undefined, signal) =>
      client.call("allTokens", { limit: page, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ id }) => id,
  });
  return (
    <>
      <Answered question={tokens.question}>{(found) => <TokenRows tokens={found} />}</Answered>
      <MoreRows pages={tokens} />
    </>
  );
}

function Own(): ReactElement {
  const tokens = useQuery(asked("tokens", {}));
  return <Answered question={tokens}>{(found) => <TokenRows tokens={found} />}</Answered>;
}

function TokenRows({ tokens }: { readonly tokens: readonly TokenShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(tokens);
  if (tokens.length === 0)
    return (
      <EmptyNote title="There is no token">
        <p>A program that asks this daemon for something shows one. It is shown to you once, when it is made.</p>
      </EmptyNote>
    );
  return (
    <>
      <DataTable label="Tokens" head={["Token", "May", "Last used", "Ends"]} withActions>
        {shown.map((token) => (
          <TokenRow key={token.id} token={token} />
        ))}
      </DataTable>
      {more}
    </>
  );
}

function TokenRow({ token }: { readonly token: TokenShape }): ReactElement {
  const [asks, ask] = useState(false);
  const { name, hint, kind, owner, permissions, environments, lastUsedAt, expiresAt, revokedAt } = token;
  return (
    <tr>
      <th scope="row">
        {name} <code>{hint}</code>
        <p className="muted">
          {kind} of {owner}
        </p>
      </th>
      <td>
        {permissions.join(", ")}
        <p className="muted">{environments === null ? "everywhere" : `in ${environments.join(", ")}`}</p>
      </td>
      <td>{lastUsedAt === null ? <span className="muted">never</span> : <RelativeTime at={lastUsedAt} />}</td>
      <td>
        {revokedAt === null ? (
          <RelativeTime at={expiresAt} />
        ) : (
          <>
            revoked <RelativeTime at={revokedAt} />
          </>
        )}
      </td>
      <td>
        {revokedAt === null ? (
          <ActionButton small tone="danger" possible={{ possible: true }} onPress={() => ask(true)}>
            Revoke
          </ActionButton>
        ) : null}
        {asks ? <RevokeDialog token={token} onClose={() => ask(false)} /> : null}
      </td>
    </tr>
  );
}

function RevokeDialog({
  token: { id, name },
  onClose,
}: {
  readonly token: TokenShape;
  readonly onClose: () => void;
}): ReactElement {
  const revoke = useChange("revokeToken");
  return (
    <Confirm
      title={`Revoke ${name}`}
      verb="Revoke it"
      danger
      onClose={onClose}
      act={() => revoke.mutateAsync({ token: id })}
    >
      <ul className="plan-list">
        <li>It opens nothing from now on, and cannot be brought back.</li>
      </ul>
    </Confirm>
  );
}
