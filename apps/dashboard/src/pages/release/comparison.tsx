import type { ReleaseDiffShape, ReleaseShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { comparedWith } from "./compared-with.ts";
import { releaseRoute } from "./release-route.ts";
import { valueWords } from "./value-words.ts";

/** What a release changes against one that runs somewhere, or against the one before it. The link holds which. */
export function Comparison({ release }: { readonly release: ReleaseShape }): ReactElement {
  const { from: chosen } = releaseRoute.useSearch();
  const status = useQuery(asked("status", {}));
  const others = comparedWith(release.id, status.data?.environments ?? []);
  const from = chosen ?? others[0]?.release;
  if (from === undefined) return <EmptyNote title="There is no earlier release to compare it with" />;
  return (
    <div className="stack">
      <nav aria-label="Compared with" className="segments">
        {others.map(({ release: other, words }) => (
          <Link
            key={other}
            to="/releases/$release"
            params={{ release: release.id }}
            search={{ from: other }}
            aria-current={other === from ? "page" : undefined}
          >
            {words}
          </Link>
        ))}
      </nav>
      <Differences from={from} to={release.id} />
    </div>
  );
}

function Differences({ from, to }: { readonly from: string; readonly to: string }): ReactElement {
  const diff = useQuery(asked("releaseDiff", { release: to, from }));
  return (
    <Answered question={diff} rows={4}>
      {(found) => (
        <div className="release-diff">
          <Changes diff={found} />
          <Commits diff={found} />
        </div>
      )}
    </Answered>
  );
}

function Changes({ diff: { services, settings, flags, secrets } }: { readonly diff: ReleaseDiffShape }): ReactElement {
  const moved = services.filter(({ change }) => change !== "unchanged");
  if (moved.length + settings.length + flags.length + secrets.length === 0)
    return <EmptyNote title="Nothing that is deployed differs" />;
  return (
    <ul className="plan-list">
      {moved.map(({ service, change, commits }) => (
        <li key={service}>
          <strong>{service}</strong> {change}{" "}
          <span className="muted">
            {commits.length === 0 ? "" : `by ${commits.length === 1 ? "one commit" : `${commits.length} commits`}`}
          </span>
        </li>
      ))}
      {settings.map(({ key, from, to }) => (
        <li key={key}>
          Setting <code>{key}</code>: {valueWords(from)} → {valueWords(to)}
        </li>
      ))}
      {flags.map(({ environment, key, change }) => (
        <li key={`${environment}/${key}`}>
          Flag <code>{key}</code> of {environment} {change}
        </li>
      ))}
      {secrets.map((name) => (
        <li key={name}>
          Secret <code>{name}</code> has another value
        </li>
      ))}
    </ul>
  );
}

function Commits({ diff: { commits, note, repository } }: { readonly diff: ReleaseDiffShape }): ReactElement {
  if (note !== null) return <p className="muted">{note}</p>;
  if (commits.length === 0) return <p className="muted">No commit lies between them.</p>;
  return (
    <ol className="rows card">
      {commits.map(({ sha, short, subject, author, committedAt, pull }) => (
        <li key={sha} className="release-commit">
          <code>{short}</code>
          <span className="release-subject">{subject}</span>
          <span className="muted">
            {pull === null ? null : repository === null ? (
              `#${pull} · `
            ) : (
              <>
                <a href={`${repository}/pull/${pull}`} rel="noreferrer noopener" target="_blank">
                  #{pull}
                </a>
                {" · "}
              </>
            )}
            {author} · <RelativeTime at={committedAt} />
          </span>
        </li>
      ))}
    </ol>
  );
}
