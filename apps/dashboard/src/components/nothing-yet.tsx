import type { ReactElement } from "react";
import { EmptyNote } from "./answered.tsx";
import { CopyText } from "./copy-text.tsx";

/** In place of what is about environments, in a project of which no configuration was read. */
export function NoEnvironments(): ReactElement {
  return (
    <EmptyNote title="The project has no environment yet">
      <p>No configuration was read from the last commit. Write one, commit it, and make the first release:</p>
      <CopyText text="fairway init && git commit -am 'Add Fairway' && fairway release" label="the commands" />
    </EmptyNote>
  );
}

/** In place of what is about releases, before the first of them. */
export function NoReleases(): ReactElement {
  return (
    <EmptyNote title="There is no release yet">
      <p>
        A commit becomes one by <code>fairway release</code>, or by a trigger.
      </p>
    </EmptyNote>
  );
}
