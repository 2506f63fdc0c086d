import type { ReleaseDiffShape } from "@fairway/api";
import type { ReactElement } from "react";
import { valueWords } from "../text/value-words.ts";
import { webAddress } from "../text/web-address.ts";
import { EmptyNote } from "./answered.tsx";
import { RelativeTime } from "./relative-time.tsx";
import { FewInList } from "./few-in-list.tsx";

/**
 * What one release changes against another: services, settings, flags, secrets by name, and the commits with their pull
 * requests.
 */
export function ReleaseChanges({ diff }: { readonly diff: ReleaseDiffShape }): ReactElement {
  return (
    <div className="release-diff">
      <Changes diff={diff} />
      <Commits diff={diff} />
    </div>
  );
}

function Changes({ diff: { services, settings, flags, secrets } }: { readonly diff: ReleaseDiffShape }): ReactElement {
  const moved = services.filter(({ change }) => change !== "unchanged");
  if (moved.length + settings.length + flags.length + secrets.length === 0)
    return <EmptyNote title="Nothing that is deployed differs" />;
  return (
    <ul className="plan-list">
      <FewInList rows={moved}>
        {({ service, change, commits }) => (
          <li key={service}>
            <strong>{service}</strong> {change}{" "}
            <span className="muted">
              {commits.length === 0 ? "" : `by ${commits.length === 1 ? "one commit" : `${commits.length} commits`}`}
            </span>
          </li>
        )}
      </FewInList>
      <FewInList rows={settings}>
        {({ key, from, to }) => (
          <li key={key}>
            Setting <code>{key}</code>: {valueWords(from)} → {valueWords(to)}
          </li>
        )}
      </FewInList>
      <FewInList rows={flags}>
        {({ environment, key, change }) => (
          <li key={`${environment}/${key}`}>
            Flag <code>{key}</code> of {environment} {change}
          </li>
        )}
      </FewInList>
      <FewInList rows={secrets}>
        {(name) => (
          <li key={name}>
            Secret <code>{name}</code> has another value
          </li>
        )}
      </FewInList>
    </ul>
  );
}

function Commits({ diff: { commits, note, repository } }: { readonly diff: ReleaseDiffShape }): ReactElement {
  if (note !== null) return <p className="muted">{note}</p>;
  if (commits.length === 0) return <p className="muted">No commit lies between them.</p>;
  return (
    <ol className="rows card">
      <FewInList rows={commits}>
        {({ sha, short, subject, author, committedAt, pull }) => (
          <li key={sha} className="release-commit">
            <code>{short}</code>
            <span className="release-subject">{subject}</span>
            <span className="muted">
              {pull === null ? null : repository === null ? (
                `#${pull} · `
              ) : (
                <>
                  <a href={webAddress(`${repository}/pull/${pull}`)} rel="noreferrer noopener" target="_blank">
                    #{pull}
                  </a>
                  {" · "}
                </>
              )}
              {author} · <RelativeTime at={committedAt} />
            </span>
          </li>
        )}
      </FewInList>
    </ol>
  );
}
