import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useSyncExternalStore } from "react";
import { connectionStore } from "../api/live.ts";
import { useWhyOld } from "../api/old-answers.ts";
import { Note, NoteLine } from "../components/note.tsx";

/**
 * Says that what is shown may be old, while the daemon does not answer, or refuses to answer again what it has answered before.
 */
export function ConnectionNote(): ReactElement {
  const connection = useSyncExternalStore(connectionStore.subscribe, connectionStore.now);
  const why = useWhyOld();
  return (
    <div role="status" className="connection">
      {connection === "away" ? (
        <NoteLine tone="waiting">
          The daemon does not answer. What you see is from before; it is asked again until it does.
        </NoteLine>
      ) : why === null ? null : (
        <Old why={why} />
      )}
    </div>
  );
}

function Old({ why }: { readonly why: string }): ReactElement {
  const queries = useQueryClient();
  return (
    <Note tone="waiting" title="Some of what you see is from before">
      <p>It could not be asked again: {why}.</p>
      <button type="button" className="button button-small" onClick={() => void queries.invalidateQueries()}>
        Try again
      </button>
    </Note>
  );
}
