import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { ReleaseDialog } from "../../actions/release-dialog.tsx";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered } from "../../components/answered.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { NoReleases } from "../../components/nothing-yet.tsx";
import { Page } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Places } from "./places.tsx";
import "./release.css";

const page = 50;

/** Everything that can be deployed, the newest first, a page at a time. */
export function ReleasesPage(): ReactElement {
  const { may } = useWho();
  const [makes, setMakes] = useState(false);
  const releases = usePages({
    key: ["releases", "pages"],
    size: page,
    ask: (before: string | undefined, signal) =>
      client.call("releases", { limit: page, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ id }) => id,
  });
  return (
    <Page
      title="Releases"
      command="fairway releases"
      actions={
        <ActionButton tone="main" possible={may("change")} onPress={() => setMakes(true)}>
          Make a release
        </ActionButton>
      }
    >
      <Answered question={releases.question} rows={8}>
        {(found) =>
          found.length === 0 ? (
            <NoReleases />
          ) : (
            <ul className="rows card">
              {found.map((release) => (
                <li key={release.id}>
                  <Link to="/releases/$release" params={{ release: release.id }} className="rows-link" data-row>
                    <span className="release-name">{release.id}</span>
                    <span className="rows-main">
                      <span className="rows-title">{release.revision.subject}</span>
                      <Places release={release} />
                    </span>
                    <span className="rows-side">
                      <span>{release.revision.author}</span>
                      <span className="mono">{release.revision.short}</span>
                      <RelativeTime at={release.createdAt} />
                      <span className="num">
                        {release.parts.length} {release.parts.length === 1 ? "part" : "parts"}
                      </span>
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      <MoreRows pages={releases} />
      {makes ? <ReleaseDialog onClose={() => setMakes(false)} /> : null}
    </Page>
  );
}
