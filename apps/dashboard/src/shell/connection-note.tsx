import type { ReactElement } from "react";
import { useSyncExternalStore } from "react";
import { connectionStore } from "../api/live.ts";
import { Icon } from "../components/icons.tsx";

/** Says that what is shown may be old, while the daemon does not answer. */
export function ConnectionNote(): ReactElement {
  const connection = useSyncExternalStore(connectionStore.subscribe, connectionStore.now);
  return (
    <div role="status" className="connection">
      {connection === "away" ? (
        <p className="note" data-tone="waiting">
          <Icon name="bang" />
          <span>The daemon does not answer. What you see is from before; it is asked again until it does.</span>
        </p>
      ) : null}
    </div>
  );
}
