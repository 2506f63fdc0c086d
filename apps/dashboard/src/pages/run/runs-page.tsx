import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Page } from "../../components/page.tsx";
import { RunRows } from "../../components/run-rows.tsx";

const page = 200;

/** Runs of every kind, the newest first; found by words of their title. */
export function RunsPage(): ReactElement {
  const [text, setText] = useState("");
  const runs = useQuery({
    ...asked("runs", { limit: page, ...(text === "" ? {} : { text }) }),
    placeholderData: (before) => before,
  });
  return (
    <Page
      title="Runs"
      command="fairway runs"
      actions={
        <input
          type="search"
          className="input"
          aria-label="Search runs by their title"
          placeholder="Search by title"
          maxLength={200}
          data-search
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      }
    >
      <Answered question={runs} rows={10}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title={text === "" ? "Nothing has run yet" : `No run is called "${text}"`} />
          ) : (
            <RunRows runs={found} />
          )
        }
      </Answered>
    </Page>
  );
}
