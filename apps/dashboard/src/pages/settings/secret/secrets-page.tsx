import type { SecretShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../../api/answers.ts";
import { useWho } from "../../../api/who.ts";
import { ActionButton } from "../../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../../components/answered.tsx";
import { DataTable } from "../../../components/data-table.tsx";
import { useFewAtATime } from "../../../components/few-at-a-time.tsx";
import { Page } from "../../../components/page.tsx";
import { RelativeTime } from "../../../components/relative-time.tsx";
import { SearchField } from "../../../components/search-field.tsx";
import { RollBackSecretDialog } from "./roll-back-secret-dialog.tsx";
import { RemoveSecretDialog, SetSecretDialog } from "./secret-dialogs.tsx";

/** What services are given, by whom and since when. No value ever reaches the browser. */
export function SecretsPage(): ReactElement {
  const { may } = useWho();
  const [sets, setSets] = useState(false);
  const secrets = useQuery(asked("secrets", {}));
  return (
    <Page
      title="Secrets"
      command="fairway secrets list"
      lead="Values are written here and never shown again."
      actions={
        <ActionButton tone="main" possible={may("secrets")} onPress={() => setSets(true)}>
          Set a secret
        </ActionButton>
      }
    >
      <Answered question={secrets} rows={5}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="There is no secret yet">
              <p>Services are given those that the configuration names, by environment.</p>
            </EmptyNote>
          ) : (
            <Found secrets={found} />
          )
        }
      </Answered>
      {sets ? <SetSecretDialog secret={null} onClose={() => setSets(false)} /> : null}
    </Page>
  );
}

function Found({ secrets }: { readonly secrets: readonly SecretShape[] }): ReactElement {
  const [text, setText] = useState("");
  return (
    <>
      <SearchField label="Search secrets by name" value={text} onChange={setText} />
      <Rows key={text} secrets={namedLike(secrets, text)} />
    </>
  );
}

const namedLike = (secrets: readonly SecretShape[], text: string): readonly SecretShape[] =>
  secrets.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));

function Rows({ secrets }: { readonly secrets: readonly SecretShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(secrets);
  if (secrets.length === 0) return <EmptyNote title="No secret is called that" />;
  return (
    <>
      <DataTable label="Secrets" head={["Secret", "Environment", "Version", "Given to"]} withActions>
        {shown.map((secret) => (
          <SecretRow key={`${secret.environment ?? ""}/${secret.name}`} secret={secret} />
        ))}
      </DataTable>
      {more}
    </>
  );
}

function SecretRow({ secret }: { readonly secret: SecretShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"set" | "back" | "remove" | null>(null);
  const { name, environment, version, versions, consumers } = secret;
  const newest = versions[0];
  const older = versions.filter((each) => each.version < version);
  const possible = may("secrets", environment);
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      <td>{environment ?? "every one without its own"}</td>
      <td>
        {version}
        {newest === undefined ? null : (
          <span className="muted">
            {" "}
            by {newest.by}, <RelativeTime at={newest.at} />
            {newest.reference === null ? "" : `, kept as ${newest.reference}`}
          </span>
        )}
      </td>
      <td>
        {consumers.length === 0 ? (
          <span className="muted">nobody</span>
        ) : (
          [...new Set(consumers.map((each) => `${each.service ?? "every service"} in ${each.environment}`))].join(", ")
        )}
      </td>
      <td>
        <div className="row">
          <ActionButton small possible={possible} onPress={() => ask("set")}>
            Next version
          </ActionButton>
          {older.length === 0 ? null : (
            <ActionButton small possible={possible} onPress={() => ask("back")}>
              Earlier version
            </ActionButton>
          )}
          <ActionButton small tone="danger" possible={possible} onPress={() => ask("remove")}>
            Remove
          </ActionButton>
        </div>
        {asks === "set" ? <SetSecretDialog secret={secret} onClose={() => ask(null)} /> : null}
        {asks === "back" ? <RollBackSecretDialog secret={secret} older={older} onClose={() => ask(null)} /> : null}
        {asks === "remove" ? <RemoveSecretDialog secret={secret} onClose={() => ask(null)} /> : null}
      </td>
    </tr>
  );
}
