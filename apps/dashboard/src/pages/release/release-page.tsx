import type { ReleaseShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { FewAtATime } from "../../components/few-at-a-time.tsx";
import { Note } from "../../components/note.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Comparison } from "./comparison.tsx";
import { Places } from "./places.tsx";
import { ReleaseActions } from "./release-actions.tsx";
import { releaseRoute } from "./release-route.ts";
import { Verification } from "./verification.tsx";
import { WasIn } from "./was-in.tsx";
import "./release.css";

/** One release: what it is made of, what it changes, how it came to be, where it is and has been. */
export function ReleasePage(): ReactElement {
  const { release: id } = releaseRoute.useParams();
  const release = useQuery(asked("release", { release: id }));
  return (
    <AnsweredPage question={release} title={`Release ${id}`}>
      {(found) => <Release release={found} />}
    </AnsweredPage>
  );
}

function Release({ release }: { readonly release: ReleaseShape }): ReactElement {
  const { id, digest, revision, createdAt, quarantine, leftOut } = release;
  return (
    <Page
      title={`${id}: ${revision.subject}`}
      lead={
        <p className="row row-wrap">
          <Places release={release} />
          <span>
            <code>{revision.short}</code> by {revision.author}, made <RelativeTime at={createdAt} />
          </span>
        </p>
      }
      actions={<ReleaseActions release={release} />}
      command={`fairway release show ${id}`}
    >
      {quarantine === null ? null : (
        <Note tone="failed" title="In quarantine: nobody can deploy it">
          <p>
            {quarantine.reason} <span className="muted">{quarantine.by}, </span>
            <RelativeTime at={quarantine.at} />
          </p>
        </Note>
      )}
      <Section title="What it changes">
        <Comparison release={release} />
      </Section>
      <Section title="Parts" aside={<CopyText text={digest} short={`${digest.slice(0, 19)}…`} label="the digest" />}>
        <Parts parts={release.parts} />
        {leftOut.map(({ service, reason }) => (
          <p key={service} className="muted">
            {service} was left out: {reason}
          </p>
        ))}
      </Section>
      <Section title="Where it has been">
        <WasIn release={id} />
      </Section>
      <Section title="How it came to be">
        <Verification release={id} />
      </Section>
    </Page>
  );
}

function Parts({ parts }: { readonly parts: ReleaseShape["parts"] }): ReactElement {
  return (
    <FewAtATime rows={parts}>
      {(shown) => (
        <DataTable label="Parts" head={["Service", "Artifact", "Built", "Schema"]}>
          {shown.map(({ service, artifact, image, takenFrom, migrations }) => (
            <tr key={service}>
              <th scope="row">{service}</th>
              <td>
                <CopyText
                  text={image ?? artifact}
                  short={`${image === null ? "files" : "image"} ${artifact.slice(7, 19)}`}
                  label={`the artifact of ${service}`}
                />
              </td>
              <td>
                {takenFrom === null ? (
                  "in this release"
                ) : (
                  <Link to="/releases/$release" params={{ release: takenFrom }}>
                    taken from {takenFrom}
                  </Link>
                )}
              </td>
              <td>{migrations === null ? <span className="muted">none</span> : (migrations.to ?? "any")}</td>
            </tr>
          ))}
        </DataTable>
      )}
    </FewAtATime>
  );
}
