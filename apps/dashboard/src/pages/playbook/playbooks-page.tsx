import type { DutyShape, PlaybookShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote, WhyNone } from "../../components/answered.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page, Section } from "../../components/page.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { DutyActions } from "../duty/duty-actions.tsx";
import { DueIn } from "../duty/owed-duty.tsx";
import { dutyLook } from "../duty/duty-look.ts";
import "../duty/duty.css";

/** Playbooks, with whether somebody has gone through them lately, and their steps, which run. */
export function PlaybooksPage(): ReactElement {
  const playbooks = useQuery(asked("playbooks", {}));
  const duties = useQuery(asked("duties", {}));
  return (
    <Page title="Playbooks" command="fairway playbooks">
      <WhyNone question={duties} />
      <Answered question={playbooks} rows={6}>
        {(found) => <Found playbooks={found} duties={duties.data?.duties ?? []} />}
      </Answered>
    </Page>
  );
}

function Found({
  playbooks,
  duties,
}: {
  readonly playbooks: readonly PlaybookShape[];
  readonly duties: readonly DutyShape[];
}): ReactElement {
  const { shown, more } = useFewAtATime(playbooks);
  if (playbooks.length === 0)
    return (
      <EmptyNote title="There is no playbook">
        <p>
          They stand in <code>ops/playbooks/</code> of the project, as Markdown.
        </p>
      </EmptyNote>
    );
  return (
    <>
      {shown.map((playbook) => (
        <Playbook
          key={playbook.id}
          playbook={playbook}
          duty={duties.find(({ id }) => id === `playbook/${playbook.id}`)}
        />
      ))}
      {more}
    </>
  );
}

function Playbook({
  playbook,
  duty,
}: {
  readonly playbook: PlaybookShape;
  readonly duty: DutyShape | undefined;
}): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState(false);
  const { title, owner, file, reviewed, sha256, steps } = playbook;
  return (
    <Section
      title={title}
      aside={
        steps.length === 0 ? null : (
          <ActionButton small possible={may("change")} onPress={() => ask(true)}>
            Run …
          </ActionButton>
        )
      }
    >
      <dl className="facts card duty-facts">
        <dt>Owner</dt>
        <dd>{owner}</dd>
        <dt>Last gone through</dt>
        <dd className="num">{reviewed}</dd>
        {duty === undefined ? null : (
          <>
            <dt>
              <Link to="/duties/$duty" params={{ duty: duty.id }}>
                Owed
              </Link>
            </dt>
            <dd>
              <StateBadge state={dutyLook[duty.state]} word={duty.state} /> <Words of={duty.why} />
              <DueIn why={duty.why} dueAt={duty.dueAt} />
              <DutyActions duty={duty} release={null} small />
            </dd>
          </>
        )}
        <dt>File</dt>
        <dd>
          <span className="mono">{file}</span>{" "}
          <CopyText text={`sha256:${sha256}`} short={`sha256:${sha256.slice(0, 12)}…`} label="the digest" />
        </dd>
        <dt>Steps</dt>
        <dd>
          {steps.length === 0 ? (
            "none, it is for reading"
          ) : (
            <ol>
              {steps.map(({ name, language, approval }) => (
                <li key={name}>
                  {name} <span className="muted">({language})</span>
                  {approval ? ", once a person says yes" : ""}
                </li>
              ))}
            </ol>
          )}
        </dd>
      </dl>
      {asks ? <RunDialog playbook={playbook} onClose={() => ask(false)} /> : null}
    </Section>
  );
}

function RunDialog({
  playbook: { id, title, sha256, steps },
  onClose,
}: {
  readonly playbook: PlaybookShape;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by, may } = useWho();
  const [environment, setEnvironment] = useState("");
  const status = useQuery(asked("status", {}));
  const run = useChange("runPlaybook");
  const navigate = useNavigate();
  const possible = may("change", environment === "" ? null : environment);
  return (
    <Confirm
      title={`Run ${title}`}
      verb="Run it"
      ready={possible.possible}
      onClose={onClose}
      act={async () => {
        const begun = await run.mutateAsync({
          by,
          playbook: id,
          environment: environment === "" ? null : environment,
        });
        await navigate({ to: "/runs/$run", params: { run: begun.id } });
      }}
    >
      <ol className="plan-list">
        {steps.map(({ name, approval, text }) => (
          <li key={name}>
            {name}
            {approval ? ", once a person says yes" : ""}
            <pre className="scroll-x" tabIndex={0}>
              {text}
            </pre>
          </li>
        ))}
      </ol>
      <p className="muted">As the file is with sha256 {sha256.slice(0, 12)}, whatever becomes of it meanwhile.</p>
      <label className="field">
        In which environment
        <select value={environment} onChange={({ target }) => setEnvironment(target.value)}>
          <option value="">none</option>
          {(status.data?.environments ?? []).map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        {possible.possible ? null : <span className="muted">{possible.reason}</span>}
      </label>
    </Confirm>
  );
}
