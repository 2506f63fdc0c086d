import type { ReactElement } from "react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { connectionStore } from "../api/live.ts";
import { ProblemNote } from "../components/answered.tsx";
import { Page } from "../components/page.tsx";

const loadAnew = (): void => window.location.reload();

/**
 * In place of a page that could not be drawn, its program not having come say, as the daemon was away. Loading it anew is all
 * that helps then: what failed to come is remembered as failed for as long as the tab lives. While the daemon is away that
 * would lead to a page of the browser's, so it waits, and does it by itself once the daemon is back.
 */
export function BrokenPage({ error }: { readonly error: unknown }): ReactElement {
  const connection = useSyncExternalStore(connectionStore.subscribe, connectionStore.now);
  const before = useRef(connection);
  useEffect(() => {
    if (before.current === "away" && connection === "live") loadAnew();
    before.current = connection;
  }, [connection]);
  return connection === "away" ? (
    <Page title="This page could not be shown" lead="It is loaded as soon as the daemon answers.">
      <ProblemNote thrown={error} />
    </Page>
  ) : (
    <Page title="This page could not be shown">
      <ProblemNote thrown={error} again={loadAnew} />
    </Page>
  );
}
