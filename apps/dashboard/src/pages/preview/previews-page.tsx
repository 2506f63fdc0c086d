import type { PreviewShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Icon } from "../../components/icons.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { webAddress } from "../../text/web-address.ts";
import { AllowForkDialog, ClosePreviewDialog, OpenPreviewDialog } from "./preview-dialogs.tsx";
import { previewLook } from "./preview-look.ts";
import "./preview.css";

const page = 100;

/** Previews: how each stands, where people look at it, and until when it is there. */
export function PreviewsPage(): ReactElement {
  const { may } = useWho();
  const [opens, setOpens] = useState(false);
  const [ended, setEnded] = useState(false);
  const previews = usePages<PreviewShape, number>({
    key: ["previews", { ended }],
    size: page,
    ask: (before, signal) =>
      client.call(
        "previews",
        {
          limit: page,
          ...(ended ? { ended: "true" as const } : {}),
          ...(before === undefined ? {} : { before }),
        },
        signal,
      ),
    cursorOf: ({ number }) => number,
  });
  return (
    <Page
      title="Previews"
      command={`fairway preview list${ended ? " --ended" : ""}`}
      actions={
        <>
          <label className="check">
            <input type="checkbox" checked={ended} onChange={({ target }) => setEnded(target.checked)} />
            Also those that have ended
          </label>
          <ActionButton tone="main" possible={may("change")} onPress={() => setOpens(true)}>
            Open a preview
          </ActionButton>
        </>
      }
    >
      <Answered question={previews.question} rows={4}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="There is no preview">
              <p>One opens with a pull request, and ends with it, where the project has asked for that.</p>
            </EmptyNote>
          ) : (
            <Rows previews={found} />
          )
        }
      </Answered>
      <MoreRows pages={previews} />
      {opens ? <OpenPreviewDialog onClose={() => setOpens(false)} /> : null}
    </Page>
  );
}

function Rows({ previews }: { readonly previews: readonly PreviewShape[] }): ReactElement {
  return (
    <ul className="card preview-list">
      {previews.map((preview) => (
        <PreviewRow key={preview.number} preview={preview} />
      ))}
    </ul>
  );
}

function PreviewRow({ preview }: { readonly preview: PreviewShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"close" | "allow" | null>(null);
  const { name, standing, why, url, ref, sha, title, fork, openedBy, openedAt, endsAt, endedAt, run } = preview;
  const { state, words } = previewLook[standing];
  const close = (): void => ask(null);
  return (
    <li className="preview">
      <div className="preview-head">
        <strong>{name}</strong>
        <StateBadge state={state} word={words} />
        {fork ? <span className="chip">of a fork, without secrets</span> : null}
      </div>
      <div className="preview-words">
        <p className="preview-title">{title}</p>
        <p className="muted">
          {ref} at <code>{sha.slice(0, 7)}</code> · {openedBy}, <RelativeTime at={openedAt} />
          {endsAt === null ? null : (
            <>
              {" "}
              · taken away <RelativeTime at={endsAt} /> if nobody asks for it
            </>
          )}
        </p>
        {why === "" ? null : <p>{why}</p>}
      </div>
      <div className="row row-wrap">
        {url === null || endedAt !== null ? null : (
          <a className="button button-small" href={webAddress(url)} rel="noreferrer noopener" target="_blank">
            Look at it
            <Icon name="external" />
          </a>
        )}
        {run === null ? null : (
          <Link className="button button-small" to="/runs/$run" params={{ run }} data-row>
            {run}
          </Link>
        )}
        {standing === "asking" ? (
          <ActionButton small tone="main" possible={may("approve")} onPress={() => ask("allow")}>
            Let it in
          </ActionButton>
        ) : null}
        {endedAt === null ? (
          <ActionButton small tone="danger" possible={may("change")} onPress={() => ask("close")}>
            Close
          </ActionButton>
        ) : null}
      </div>
      {asks === "close" ? <ClosePreviewDialog preview={preview} onClose={close} /> : null}
      {asks === "allow" ? <AllowForkDialog preview={preview} onClose={close} /> : null}
    </li>
  );
}
