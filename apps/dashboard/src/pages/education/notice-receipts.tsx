import type { ReleaseNoticeShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { NoReleases } from "../../components/nothing-yet.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { dutyLook } from "../duty/duty-look.ts";

/** Who has the pack of the newest release, and from when on that counts; it is sent, and received, here. */
export function NoticeReceipts(): ReactElement {
  const releases = useQuery(asked("releases", { limit: 1 }));
  return (
    <Answered question={releases}>
      {([newest]) => (newest === undefined ? <NoReleases /> : <Receipts release={newest.id} />)}
    </Answered>
  );
}

function Receipts({ release }: { readonly release: string }): ReactElement {
  const notice = useQuery(asked("releaseNotice", { release }));
  const missing = (
    <EmptyNote title={`Nobody has to have a notice of ${release}`}>
      <p>
        <code>ops/notice.yaml</code> of the project names those who have to.
      </p>
    </EmptyNote>
  );
  return (
    <Answered question={notice} missing={missing}>
      {(found) => <Receipt notice={found} />}
    </Answered>
  );
}

function Receipt({ notice }: { readonly notice: ReleaseNoticeShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"send" | { readonly role: string } | null>(null);
  const { release, to, receipts, state, why, from } = notice;
  const possible = may("change", null);
  const close = (): void => ask(null);
  return (
    <>
      <p>
        <StateBadge state={dutyLook[state]} word={state} /> {release}: <Words of={why} />
        {from === null ? null : (
          <>
            , counts <RelativeTime at={from} />
          </>
        )}
      </p>
      <ul className="plan-list">
        {to.map((role) => {
          const receipt = receipts.find((each) => each.role === role);
          return (
            <li key={role}>
              {role}: {receipt === undefined ? "does not have it " : `${receipt.by} has it, `}
              {receipt === undefined ? (
                <ActionButton small possible={possible} onPress={() => ask({ role })}>
                  I have it …
                </ActionButton>
              ) : (
                <RelativeTime at={receipt.at} />
              )}
            </li>
          );
        })}
      </ul>
      <p>
        <ActionButton possible={possible} onPress={() => ask("send")}>
          Send the notice …
        </ActionButton>
      </p>
      {asks === "send" ? <SendDialog notice={notice} onClose={close} /> : null}
      {asks !== null && asks !== "send" ? <ReceiveDialog notice={notice} role={asks.role} onClose={close} /> : null}
    </>
  );
}

function SendDialog({
  notice,
  onClose,
}: {
  readonly notice: ReleaseNoticeShape;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const send = useChange("sendReleaseNotice");
  return (
    <Confirm
      title={`Send the notice of ${notice.release}`}
      verb="Send it"
      onClose={onClose}
      act={() => send.mutateAsync({ by, release: notice.release })}
    >
      <p className="muted">The channels are told that the pack is there, for {notice.to.join(" and ")}.</p>
      <Pack notice={notice} />
    </Confirm>
  );
}

function ReceiveDialog({
  notice: { release, digest, ...notice },
  role,
  onClose,
}: {
  readonly notice: ReleaseNoticeShape;
  readonly role: string;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const receive = useChange("receiveReleaseNotice");
  return (
    <Confirm
      title={`You have the pack of ${release}, for ${role}`}
      verb="I have it"
      onClose={onClose}
      act={() => receive.mutateAsync({ by, release, role, digest })}
    >
      <p className="muted">Only whoever has the role may say so. Once all roles have it, the time begins.</p>
      <Pack notice={{ ...notice, release, digest }} />
    </Confirm>
  );
}

function Pack({ notice: { digest, files } }: { readonly notice: ReleaseNoticeShape }): ReactElement {
  return (
    <>
      <ul className="plan-list">
        <FewInList rows={files}>
          {({ path, bytes }) => (
            <li key={path}>
              <code>{path}</code> <span className="muted">{bytes.toLocaleString("en")} bytes</span>
            </li>
          )}
        </FewInList>
      </ul>
      <p className="muted">
        Digest <CopyText text={digest} short={`${digest.slice(0, 19)}…`} label="the digest of the pack" />
      </p>
    </>
  );
}
