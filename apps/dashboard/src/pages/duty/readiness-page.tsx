import type { DutyShape, EnvironmentShape, GateDecisionShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote, WhyNone } from "../../components/answered.tsx";
import { Note } from "../../components/note.tsx";
import { PageOfEnvironment } from "../../components/of-environment.tsx";
import { Section } from "../../components/page.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { Words } from "../../components/words.tsx";
import { capital } from "../../text/capital.ts";
import { DutiesInForce } from "./duties-in-force.tsx";
import { inGroups } from "./duty-groups.ts";
import { dutyLook, worstFirst } from "./duty-look.ts";
import { readinessRoute } from "./duty-route.ts";
import type { DutyOnBoard } from "./duty-table.tsx";
import { DutyTable } from "./duty-table.tsx";
import "./duty.css";

/** How often the board is looked at again, in milliseconds: that time goes by is no event. */
const lookAgain = 60_000;

/** Whether an environment takes the next release: a sentence, and each of the duties behind it. */
export function ReadinessPage(): ReactElement {
  const { environment } = readinessRoute.useSearch();
  return (
    <PageOfEnvironment
      title="Readiness"
      to="/readiness"
      chosen={environment}
      command={(name) => `fairway readiness ${name}`}
    >
      {(name) => <Board key={name} environment={name} />}
    </PageOfEnvironment>
  );
}

function Board({ environment }: { readonly environment: string }): ReactElement {
  const status = useQuery(asked("status", {}));
  const next = status.data?.environments.find(({ name }) => name === environment)?.next;
  const release = next?.release ?? null;
  const of = release === null ? {} : { release };
  // Without the status the questions are asked all the same: what is wrong is then told in their place.
  const enabled = status.data !== undefined || status.isError;
  const decision = useQuery({ ...asked("readiness", { environment, ...of }), enabled, refetchInterval: lookAgain });
  const duties = useQuery({ ...asked("duties", { env: environment, ...of }), enabled, refetchInterval: lookAgain });
  return (
    <>
      <Answered question={decision} rows={2}>
        {({ ready, sentence }) => <Verdict ready={ready} sentence={sentence} next={next} />}
      </Answered>
      <Undelivered environment={environment} />
      <Answered question={duties} rows={8}>
        {(found) => (
          <>
            <DutiesInForce inForce={found} />
            {decision.data === undefined ? null : (
              <Groups decision={decision.data} duties={found.duties} release={release} />
            )}
          </>
        )}
      </Answered>
    </>
  );
}

/** What goes wrong and has reached nobody. */
function Undelivered({ environment }: { readonly environment: string }): ReactElement | null {
  const alerts = useQuery({ ...asked("alerts", { limit: 100 }), refetchInterval: lookAgain });
  const found = (alerts.data ?? []).filter(
    ({ undelivered, environment: of }) => undelivered !== null && (of === null || of === environment),
  );
  if (found.length === 0) return <WhyNone question={alerts} />;
  return (
    <Note tone="failed" title="Nobody could be told">
      <ul>
        <FewInList rows={found}>
          {({ number, title, undelivered }) => (
            <li key={number}>
              {title}. Not taken by {undelivered}
            </li>
          )}
        </FewInList>
      </ul>
    </Note>
  );
}

/** One sentence that is true as a whole: what is owed may hold nothing up, and something else may. */
function Verdict({
  ready,
  sentence,
  next,
}: Pick<GateDecisionShape, "ready" | "sentence"> & {
  readonly next: EnvironmentShape["next"] | undefined;
}): ReactElement {
  const other = ready && next?.state === "blocked" ? capital(next.sentence) : null;
  const isWell = ready && other === null;
  return (
    <Note tone={isWell ? "good" : "failed"} icon={isWell ? "check" : "bang"}>
      <p className="duty-sentence">
        <Words of={other ?? sentence} />
      </p>
      {other === null ? null : <p>Nothing that is owed here holds it up.</p>}
    </Note>
  );
}

function Groups({
  decision: { rows },
  duties,
  release,
}: {
  readonly decision: GateDecisionShape;
  readonly duties: readonly DutyShape[];
  readonly release: string | null;
}): ReactElement {
  const gates = new Map(rows.map((row) => [row.duty, row]));
  const board: readonly DutyOnBoard[] = duties
    .map((duty) => ({ duty, gate: gates.get(duty.id) ?? null }))
    .toSorted(
      (one, other) =>
        Number(other.gate?.blocks ?? false) - Number(one.gate?.blocks ?? false) ||
        worstFirst.indexOf(one.duty.state) - worstFirst.indexOf(other.duty.state),
    );
  const known = new Set(duties.map(({ id }) => id));
  const unlisted = rows.filter(({ duty }) => !known.has(duty));
  if (board.length === 0 && unlisted.length === 0)
    return (
      <EmptyNote title="Nothing is owed here">
        <p>
          No duty in <code>ops/</code> is about this environment, and no gate asks for one.
        </p>
      </EmptyNote>
    );
  return (
    <>
      {inGroups(board, ({ duty }) => duty.id).map(({ name, rows: found }) => (
        <Section key={name} title={name}>
          <DutyTable label={name} duties={found} release={release} />
        </Section>
      ))}
      {unlisted.length === 0 ? null : (
        <Section title="Also asked for by the gate">
          <ul className="rows card">
            <FewInList rows={unlisted}>
              {({ duty, state, why }) => (
                <li key={duty} className="rows-link">
                  <StateBadge state={dutyLook[state]} word={state} />
                  <span className="rows-main">
                    <span className="rows-title">{duty}</span>
                    <span className="rows-more">
                      <Words of={why} />
                    </span>
                  </span>
                </li>
              )}
            </FewInList>
          </ul>
        </Section>
      )}
      <p className="muted">
        A way back is never held up by any of this. <Link to="/calendar">When each is due</Link>
      </p>
    </>
  );
}
