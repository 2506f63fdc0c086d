import type { ReleaseShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { ReleaseChanges } from "../../components/release-changes.tsx";
import { comparedWith } from "./compared-with.ts";
import { releaseRoute } from "./release-route.ts";

/** What a release changes against one that runs somewhere, or against the one before it. The link holds which. */
export function Comparison({ release }: { readonly release: ReleaseShape }): ReactElement {
  const status = useQuery(asked("status", {}));
  return (
    <Answered question={status} rows={4}>
      {({ environments }) => <Chosen release={release} others={comparedWith(release.id, environments)} />}
    </Answered>
  );
}

function Chosen({
  release,
  others,
}: {
  readonly release: ReleaseShape;
  readonly others: ReturnType<typeof comparedWith>;
}): ReactElement {
  const { from: chosen } = releaseRoute.useSearch();
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
      {(found) => <ReleaseChanges diff={found} />}
    </Answered>
  );
}
