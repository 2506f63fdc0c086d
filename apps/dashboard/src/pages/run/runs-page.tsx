import type { RunSummary } from "@fairway/api";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page } from "../../components/page.tsx";
import { RunRows } from "../../components/run-rows.tsx";
import { runsRoute } from "./run-route.ts";
import { RunsFilters } from "./runs-filters.tsx";
import { runsCommand } from "./runs-search.ts";

const size = 100;

/** Runs of every kind, the newest first; found by what they are about, how they stand, who asked and their title. */
export function RunsPage(): ReactElement {
  const search = runsRoute.useSearch();
  const navigate = useNavigate();
  const { environment, open, ...given } = search;
  const wanted = {
    ...given,
    ...(environment === undefined ? {} : { env: environment }),
    ...(open === true ? { active: "true" as const } : {}),
    limit: size,
  };
  const pages = usePages<RunSummary, string>({
    key: ["runs", wanted, "pages"],
    size,
    ask: (before, signal) => client.call("runs", { ...wanted, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ id }) => id,
  });
  const isNarrowed = Object.keys(search).length > 0;
  return (
    <Page title="Runs" command={runsCommand(search)}>
      <RunsFilters search={search} onChange={(next) => void navigate({ to: "/runs", search: next, replace: true })} />
      <Answered question={pages.question} rows={10}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title={isNarrowed ? "No run is like that" : "Nothing has run yet"} />
          ) : (
            <>
              <RunRows runs={found} />
              <MoreRows pages={pages} />
            </>
          )
        }
      </Answered>
    </Page>
  );
}
