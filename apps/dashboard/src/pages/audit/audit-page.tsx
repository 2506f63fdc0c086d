import type { AuditEntryShape } from "@fairway/api";
import { auditActions } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote, ProblemNote } from "../../components/answered.tsx";
import { Icon } from "../../components/icons.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page } from "../../components/page.tsx";
import { AuditFilters } from "./audit-filters.tsx";
import { auditRoute } from "./audit-route.ts";
import type { AuditSearch } from "./audit-search.ts";
import { auditCommand } from "./audit-search.ts";
import { EntryRow } from "./entry-row.tsx";
import "./audit.css";

const size = 100;

/** The areas of the closed list of actions. */
const areas = [...new Set(Object.keys(auditActions).map((action) => action.split(".", 1)[0] ?? ""))].toSorted();

/** Who changed, decided and was refused what, the newest first. */
export function AuditPage(): ReactElement {
  const search = auditRoute.useSearch();
  const navigate = useNavigate();
  const pages = usePages<AuditEntryShape, number>({
    key: ["audit", search],
    size,
    ask: (before, signal) =>
      client.call("audit", { ...search, limit: size, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ number }) => number,
  });
  const look = (next: AuditSearch): void => void navigate({ to: "/audit", search: next, replace: true });
  return (
    <Page
      title="Audit"
      lead={
        <p>
          Who changed, decided and was refused what. It is only ever added to, and each entry vouches for those before.
        </p>
      }
      command={auditCommand(search)}
      actions={<VerifyButton />}
    >
      <AuditFilters search={search} areas={areas} onChange={look} />
      <Answered question={pages.question} rows={12}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote
              title={Object.keys(search).length === 0 ? "Nothing is on record yet" : "Nothing on record is like that"}
            />
          ) : (
            <>
              <ol className="rows card audit-rows">
                {found.map((entry) => (
                  <EntryRow key={entry.number} entry={entry} />
                ))}
              </ol>
              <MoreRows pages={pages} />
            </>
          )
        }
      </Answered>
    </Page>
  );
}

/** Has the daemon look at whether the record is what was written; it reads all of it, so only when somebody asks. */
function VerifyButton(): ReactElement {
  const { may } = useWho();
  const [wanted, want] = useState(false);
  const verified = useQuery({ ...asked("auditVerification", {}), enabled: wanted, staleTime: 0 });
  const { data, error, isFetching } = verified;
  return (
    <div className="audit-verify">
      <ActionButton
        possible={isFetching ? { possible: false, reason: "it is being read" } : may("audit", null)}
        atOnce
        onPress={() => (wanted ? void verified.refetch() : want(true))}
      >
        {isFetching ? "Reading all of it" : "Verify the record"}
      </ActionButton>
      <div role="status">
        {data === undefined || isFetching ? null : (
          <p className="note" data-tone={data.whole ? "good" : "failed"}>
            <Icon name={data.whole ? "check" : "bang"} />
            <span>
              {data.whole
                ? `All ${data.rows} entries are as they were written.`
                : `${data.problem ?? "It is not what was written"}.`}
            </span>
          </p>
        )}
      </div>
      {error === null || isFetching ? null : <ProblemNote thrown={error} />}
    </div>
  );
}
