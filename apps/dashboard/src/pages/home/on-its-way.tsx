import type { RunSummary } from "@fairway/api";
import type { ReactElement } from "react";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Section } from "../../components/page.tsx";
import { RunRows } from "../../components/run-rows.tsx";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asked } from "../../api/answers.ts";

const lately = 8;

/** What is under way, and what ended last. */
export function OnItsWay({
  runs,
  open,
}: {
  readonly runs: readonly RunSummary[];
  /** How many there are, of which these are the newest. */
  readonly open: number;
}): ReactElement {
  const { shown, more } = useFewAtATime(runs);
  const last = useQuery(asked("runs", { limit: lately }));
  return (
    <>
      {runs.length === 0 ? null : (
        <Section title="On its way">
          <RunRows runs={shown} />
          {more}
          {open > runs.length ? (
            <p>
              <Link to="/runs" search={{ open: true }}>
                and {open - runs.length} more
              </Link>
            </p>
          ) : null}
        </Section>
      )}
      <Section title="Ended lately">
        <Answered question={last}>
          {(found) => <Ended runs={found.filter(({ id }) => !runs.some((run) => run.id === id))} />}
        </Answered>
      </Section>
    </>
  );
}

const Ended = ({ runs }: { readonly runs: readonly RunSummary[] }): ReactElement =>
  runs.length === 0 ? <EmptyNote title="Nothing has ended yet" /> : <RunRows runs={runs} />;
