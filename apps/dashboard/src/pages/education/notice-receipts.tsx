import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { dutyLook } from "../duty/duty-look.ts";

/** Who has the pack of the newest release, and from when on that counts. */
export function NoticeReceipts(): ReactElement {
  const releases = useQuery(asked("releases", { limit: 1 }));
  return (
    <Answered question={releases}>
      {([newest]) =>
        newest === undefined ? <EmptyNote title="There is no release yet" /> : <Receipts release={newest.id} />
      }
    </Answered>
  );
}

function Receipts({ release }: { readonly release: string }): ReactElement {
  const notice = useQuery(asked("releaseNotice", { release }));
  return (
    <Answered question={notice}>
      {({ to, receipts, state, why, from }) => (
        <>
          <p>
            <StateBadge state={dutyLook[state]} word={state} /> {release}: {why}
            {from === null ? null : (
              <>
                , counts <RelativeTime at={from} />
              </>
            )}
          </p>
          <ul>
            {to.map((role) => {
              const receipt = receipts.find((each) => each.role === role);
              return (
                <li key={role}>
                  {role}: {receipt === undefined ? "does not have it" : `${receipt.by} has it, `}
                  {receipt === undefined ? null : <RelativeTime at={receipt.at} />}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Answered>
  );
}
