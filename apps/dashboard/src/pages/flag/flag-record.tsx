import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";

/** What was done to a flag, by whom, when and why, the newest first. */
export function FlagRecord({
  environment,
  flag,
}: {
  readonly environment: string;
  readonly flag: string;
}): ReactElement {
  const history = useQuery(asked("flagHistory", { environment, flag, limit: 100 }));
  return (
    <Answered question={history}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="Nothing was done to it yet" />
        ) : (
          <ol className="card flag-list">
            {found.map(({ version, action, gave, gives, by, reason, at }) => (
              <li key={version} className="flag-change">
                <strong>{action}</strong>
                <span>
                  {gave ?? "nothing"} → {gives ?? "nothing"}
                  {reason === null ? "" : `: ${reason}`}
                </span>
                <span className="muted">
                  {by}, <RelativeTime at={at} />
                </span>
              </li>
            ))}
          </ol>
        )
      }
    </Answered>
  );
}
