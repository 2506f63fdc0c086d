import type { NoticeShape } from "@fairway/api";
import type { Possible, State } from "@fairway/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { allOf } from "../../../api/may.ts";
import { client } from "../../../api/client.ts";
import { usePages } from "../../../api/use-pages.ts";
import { useWho } from "../../../api/who.ts";
import { ActionButton } from "../../../components/action-button.tsx";
import { Answered, EmptyNote, ProblemNote } from "../../../components/answered.tsx";
import { DataTable } from "../../../components/data-table.tsx";
import { MoreRows } from "../../../components/more-rows.tsx";
import { Page } from "../../../components/page.tsx";
import { RelativeTime } from "../../../components/relative-time.tsx";
import { StateBadge } from "../../../components/state-mark.tsx";
import { TestChannelDialog } from "./test-channel-dialog.tsx";

const page = 100;

const look: Readonly<Record<NoticeShape["state"], { readonly state: State; readonly words: string }>> = {
  waiting: { state: "waiting", words: "on its way" },
  told: { state: "succeeded", words: "arrived" },
  dead: { state: "failed", words: "given up" },
};

/** Every notice with the channel it went to; what was given up can be tried again. */
export function NoticesPage(): ReactElement {
  const { name, may, features } = useWho();
  const [tests, setTests] = useState(false);
  const configured: Possible = features.includes("notices")
    ? { possible: true }
    : { possible: false, reason: "the configuration names no channel" };
  const retry = useChange("retryNotices");
  const notices = usePages({
    key: ["notices", "pages"],
    size: page,
    ask: (before: number | undefined, signal) =>
      client.call("notices", { limit: page, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ number }) => number,
  });
  const dead = notices.question.data?.some(({ state }) => state === "dead") === true;
  return (
    <Page
      title="Notices"
      command="fairway notices"
      actions={
        <>
          {dead ? (
            <ActionButton possible={may("change")} atOnce onPress={() => retry.mutate({ number: null, by: name })}>
              {retry.isPending ? "Tries …" : "Try what was given up again"}
            </ActionButton>
          ) : null}
          <ActionButton possible={allOf(may("change"), configured)} onPress={() => setTests(true)}>
            Try a channel …
          </ActionButton>
        </>
      }
    >
      {retry.error === null ? null : <ProblemNote thrown={retry.error} />}
      <Answered question={notices.question} rows={6}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="Nobody was told anything yet">
              <p>
                A <code>notices</code> part in the configuration names channels: Slack, e-mail, webhooks and others.
              </p>
            </EmptyNote>
          ) : (
            <DataTable label="Notices" head={["Notice", "Channel", "State", "When"]}>
              {found.map(({ number, title, run, channel, state, tries, why, madeAt }) => (
                <tr key={number}>
                  <th scope="row">
                    {run === null ? (
                      title
                    ) : (
                      <Link to="/runs/$run" params={{ run }} data-row>
                        {title}
                      </Link>
                    )}
                  </th>
                  <td>{channel}</td>
                  <td>
                    <StateBadge state={look[state].state} word={look[state].words} />
                    {why === null ? null : (
                      <p className="muted">
                        {why} ({tries} {tries === 1 ? "try" : "tries"})
                      </p>
                    )}
                  </td>
                  <td>
                    <RelativeTime at={madeAt} />
                  </td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </Answered>
      <MoreRows pages={notices} />
      {tests ? (
        <TestChannelDialog
          seen={[...new Set((notices.question.data ?? []).map(({ channel }) => channel))]}
          onClose={() => setTests(false)}
        />
      ) : null}
    </Page>
  );
}
