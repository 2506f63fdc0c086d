import type { Status } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Suspense, lazy } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { NoteLine } from "../../components/note.tsx";
import { NoEnvironments } from "../../components/nothing-yet.tsx";
import { Page, Section } from "../../components/page.tsx";
import { EnvironmentCard } from "./environment-card.tsx";
import { homeRoute } from "./home-route.ts";
import { OnItsWay } from "./on-its-way.tsx";
import { WaitingList } from "./waiting-list.tsx";
import { wholeInWords } from "./whole-in-words.ts";
import "./home.css";

const Tour = lazy(() => import("./tour.tsx").then(({ Tour: part }) => ({ default: part })));

/** How often what is no event (replicas, requests) is looked at again, in milliseconds: while something moves, and else. */
const lookAgain = { moving: 1500, still: 10_000 };

/** What runs where, what is on its way, and what waits for whoever looks. */
export function HomePage(): ReactElement {
  const { tour } = homeRoute.useSearch();
  const status = useQuery({
    ...asked("status", {}),
    refetchInterval: ({ state }) =>
      state.data?.environments.some(({ moving }) => moving !== null) === true ? lookAgain.moving : lookAgain.still,
  });
  return (
    <Page
      title="Environments"
      lead={status.data === undefined ? undefined : <p>{wholeInWords(status.data)}</p>}
      command="fairway status"
    >
      {tour === true && status.data !== undefined ? (
        <Suspense>
          <Tour status={status.data} />
        </Suspense>
      ) : null}
      <WaitingList />
      <Answered question={status} rows={9}>
        {(found) => <Found {...found} />}
      </Answered>
    </Page>
  );
}

function Found({ environments, active, open, problems }: Status): ReactElement {
  return (
    <>
      <Problems problems={problems} />
      {environments.length === 0 ? (
        <NoEnvironments />
      ) : (
        <Section title="What runs where">
          <div className="home-grid">
            {environments.map((environment) => (
              <EnvironmentCard key={environment.name} environment={environment} />
            ))}
          </div>
        </Section>
      )}
      <OnItsWay runs={active} open={open} />
    </>
  );
}

function Problems({ problems }: Pick<Status, "problems">): ReactElement {
  const { shown, more } = useFewAtATime(problems, few);
  return (
    <>
      {shown.map((problem) => (
        <NoteLine key={problem} tone="failed">
          {problem}
        </NoteLine>
      ))}
      {more}
    </>
  );
}

/** Notes stand above all else: more of them at once would push what runs off the page. */
const few = 10;
