import type { Possible } from "@fairway/core";
import type { ReactElement, ReactNode } from "react";
import { ActionButton } from "./action-button.tsx";

/**
 * Takes a file of the daemon's away. Who asks is known by a cookie: its address holds nothing that is secret. Where somebody
 * may not, it is a button that says why.
 */
export function DownloadLink({
  possible,
  href,
  children,
}: {
  readonly possible: Possible;
  /** As `hrefOf` says it. */
  readonly href: string;
  readonly children: ReactNode;
}): ReactElement {
  if (!possible.possible)
    return (
      <ActionButton possible={possible} onPress={() => undefined}>
        {children}
      </ActionButton>
    );
  return (
    <a className="button" href={`.${href}`} download>
      {children}
    </a>
  );
}
