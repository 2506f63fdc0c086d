import type { StandingMigrationsShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { State } from "@fairway/core";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { FewAtATime, useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Icon } from "../../components/icons.tsx";
import { PageOfEnvironment } from "../../components/of-environment.tsx";
import { Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { migrationsRoute } from "./migration-route.ts";
import { ResolveDialog } from "./resolve-dialog.tsx";

const look: Readonly<Record<StandingMigrationsShape["migrations"][number]["state"], State>> = {
  applied: "succeeded",
  pending: "pending",
  running: "running",
  failed: "failed",
};

/** How the databases of an environment stand: what is applied, what is to come, and what somebody must decide. */
export function MigrationsPage(): ReactElement {
  const { environment: chosen } = migrationsRoute.useSearch();
  return (
    <PageOfEnvironment
      title="Migrations"
      to="/migrations"
      chosen={chosen}
      command={(environment) => `fairway migrations status ${environment}`}
    >
      {(environment) => <Standing key={environment} environment={environment} />}
    </PageOfEnvironment>
  );
}

function Standing({ environment }: { readonly environment: string }): ReactElement {
  const migrations = useQuery(asked("migrations", { environment }));
  return (
    <Answered question={migrations} rows={5}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title={`No service in ${environment} has migrations`} />
        ) : (
          <FewAtATime rows={found} page={20}>
            {(shown) => shown.map((each) => <Service key={each.service} environment={environment} standing={each} />)}
          </FewAtATime>
        )
      }
    </Answered>
  );
}

function Service({
  environment,
  standing,
}: {
  readonly environment: string;
  readonly standing: StandingMigrationsShape;
}): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<string | null>(null);
  const { service, release, tool, folder, range, unreachable, migrations, problems } = standing;
  const { shown, more } = useFewAtATime(migrations.toReversed());
  return (
    <Section
      title={service}
      aside={
        <span className="muted">
          {tool} in <code>{folder}</code>, {release} runs on {range.from ?? "any schema"} to {range.to ?? "any"}
        </span>
      }
    >
      <FewAtATime rows={[...(unreachable === null ? [] : [unreachable]), ...problems]} page={10}>
        {(some) =>
          some.map((problem) => (
            <p key={problem} className="note" data-tone="failed">
              <Icon name="bang" />
              <span>{problem}</span>
            </p>
          ))
        }
      </FewAtATime>
      <DataTable label={`Migrations of ${service}`} head={["Migration", "Class", "State", "Applied"]}>
        {shown.map(({ id, title, class: kind, state, appliedAt, trouble, adoptedFrom }) => (
          <tr key={id}>
            <th scope="row">
              <code>{id}</code> {title}
            </th>
            <td>{kind}</td>
            <td>
              <StateBadge state={look[state]} word={state} />
              {trouble === null ? null : <p>{trouble}</p>}
              {state === "failed" || state === "running" ? (
                <ActionButton small possible={may("change", environment)} onPress={() => ask(id)}>
                  Resolve …
                </ActionButton>
              ) : null}
            </td>
            <td>
              {appliedAt === null ? null : <RelativeTime at={appliedAt} />}
              {adoptedFrom === null ? null : <span className="muted"> as {adoptedFrom} says</span>}
            </td>
          </tr>
        ))}
      </DataTable>
      {more}
      {asks === null ? null : (
        <ResolveDialog environment={environment} service={service} migration={asks} onClose={() => ask(null)} />
      )}
    </Section>
  );
}
