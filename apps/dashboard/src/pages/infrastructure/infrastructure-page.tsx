import type { InfrastructureStackShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Findings } from "./findings.tsx";
import "./infrastructure.css";

/** The stacks of each environment, and what differs between the code and the world. */
export function InfrastructurePage(): ReactElement {
  const stacks = useQuery(asked("infrastructure", {}));
  return (
    <Page title="Infrastructure" command="fairway infrastructure">
      <Answered question={stacks} rows={4}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="The project has no infrastructure as code">
              <p>
                An <code>infrastructure</code> part in the configuration names its stacks.
              </p>
            </EmptyNote>
          ) : (
            <>
              <Section title="Drift">
                <Findings />
              </Section>
              <Section title="Stacks">
                <Stacks stacks={found} />
              </Section>
            </>
          )
        }
      </Answered>
    </Page>
  );
}

function Stacks({ stacks }: { readonly stacks: readonly InfrastructureStackShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(stacks);
  return (
    <>
      <DataTable label="Stacks" head={["Stack", "Environment", "Newest plan", "Compared"]} withActions>
        {shown.map((stack) => (
          <StackRow key={`${stack.environment} ${stack.stack}`} stack={stack} />
        ))}
      </DataTable>
      {more}
    </>
  );
}

function StackRow({ stack: { stack, environment, program, folder, drift, last, findings } }: Row): ReactElement {
  const { name, may } = useWho();
  const look = useChange("lookForDrift");
  return (
    <tr>
      <th scope="row">
        {stack}
        <p className="muted">
          {program} in <code>{folder}</code>
        </p>
      </th>
      <td>{environment}</td>
      <td>
        {last === null ? (
          <span className="muted">none yet</span>
        ) : (
          <>
            <Link to="/runs/$run" params={{ run: last.run }}>
              {last.state}
            </Link>{" "}
            <RelativeTime at={last.plannedAt} />
            <p className="muted">
              +{last.count.create} ~{last.count.update} ±{last.count.replace} −{last.count.destroy}
            </p>
          </>
        )}
      </td>
      <td>
        {findings === 0 ? "no differences known" : `${findings} ${findings === 1 ? "difference" : "differences"}`}
        <p className="muted">{drift.length === 0 ? "by hand only" : drift.join(", ")}</p>
      </td>
      <td>
        <ActionButton
          small
          possible={may("change", environment)}
          atOnce
          onPress={() => look.mutate({ environment, stacks: [stack], of: null, by: name })}
        >
          {look.isPending ? "Is asked …" : "Compare now"}
        </ActionButton>
        {look.error === null ? null : <p role="alert">{look.error.message}</p>}
      </td>
    </tr>
  );
}

interface Row {
  readonly stack: InfrastructureStackShape;
}
