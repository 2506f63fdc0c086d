import type { DriftFindingShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { FieldChanges } from "../../components/field-changes.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { IgnoreDialog, OwnerDialog, RemedyDialog } from "./finding-dialogs.tsx";

const page = 50;

const kindWords = { "out-of-band": "changed past the code", ours: "in the code, not applied" } as const;

/** What differs, one finding for each resource, with the three things that can be done about it. */
export function Findings(): ReactElement {
  const findings = usePages({
    key: ["drift", "pages"],
    size: page,
    ask: (before: number | undefined, signal) =>
      client.call("drift", { limit: page, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ id }) => id,
  });
  return (
    <>
      <Answered question={findings.question}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="No difference is known between the code and the world" />
          ) : (
            <ul className="card finding-list">
              {found.map((finding) => (
                <Finding key={finding.id} finding={finding} />
              ))}
            </ul>
          )
        }
      </Answered>
      <MoreRows pages={findings} />
    </>
  );
}

function Finding({ finding }: { readonly finding: DriftFindingShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"adopt" | "apply" | "ignore" | "own" | null>(null);
  const { environment, stack, address, kind, action, fields, because, owner, firstSeen, lastSeen } = finding;
  const possible = may("change", environment);
  const close = (): void => ask(null);
  return (
    <li className="finding">
      <div className="finding-words">
        <p>
          <code>{address}</code>{" "}
          <span className="chip" data-tone={kind === "ours" ? "plain" : "waiting"}>
            {kindWords[kind]}
          </span>
        </p>
        <p className="muted">
          {stack} in {environment} · would {action} · seen <RelativeTime at={lastSeen} />, first{" "}
          <RelativeTime at={firstSeen} /> · {owner === null ? "nobody owns it" : `owned by ${owner}`}
        </p>
        <FieldChanges fields={fields} />
        {because.map((words) => (
          <p key={words} className="muted">
            {words}
          </p>
        ))}
      </div>
      <div className="row row-wrap">
        <ActionButton small possible={possible} onPress={() => ask("adopt")}>
          Adopt
        </ActionButton>
        <ActionButton small possible={possible} onPress={() => ask("apply")}>
          Apply the code
        </ActionButton>
        <ActionButton small possible={possible} onPress={() => ask("ignore")}>
          Ignore …
        </ActionButton>
        <ActionButton small possible={possible} onPress={() => ask("own")}>
          Owner …
        </ActionButton>
      </div>
      {asks === "own" ? <OwnerDialog finding={finding} onClose={close} /> : null}
      {asks === "ignore" ? <IgnoreDialog finding={finding} onClose={close} /> : null}
      {asks === "adopt" || asks === "apply" ? <RemedyDialog finding={finding} how={asks} onClose={close} /> : null}
    </li>
  );
}
