import type { ReactElement } from "react";
import { ProblemNote } from "../components/answered.tsx";
import { Page } from "../components/page.tsx";

/**
 * In place of a page that could not be drawn, its program not having come say, as the daemon was away. Loading it anew is all that
 * helps then: what failed to come is remembered as failed for as long as the tab lives.
 */
export function BrokenPage({ error }: { readonly error: unknown }): ReactElement {
  return (
    <Page title="This page could not be shown">
      <ProblemNote thrown={error} again={() => window.location.reload()} />
    </Page>
  );
}
