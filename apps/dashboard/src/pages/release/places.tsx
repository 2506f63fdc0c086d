import type { ReleaseShape } from "@fairway/api";
import type { ReactElement } from "react";
import { Icon } from "../../components/icons.tsx";

/** Where a release runs and was verified, and whether it may go anywhere, as words that stand side by side. */
export function Places({
  release: { runningIn, verifiedIn, quarantine },
}: {
  readonly release: Pick<ReleaseShape, "runningIn" | "verifiedIn" | "quarantine">;
}): ReactElement {
  return (
    <span className="row row-wrap">
      {quarantine === null ? null : (
        <span className="chip" data-tone="failed">
          <Icon name="bang" />
          quarantine
        </span>
      )}
      {runningIn.map((place) => (
        <span key={place} className="chip" data-tone="running">
          <Icon name="arrow" />
          in {place}
        </span>
      ))}
      {verifiedIn
        .filter((place) => !runningIn.includes(place))
        .map((place) => (
          <span key={place} className="chip" data-tone="good">
            <Icon name="check" />
            verified in {place}
          </span>
        ))}
    </span>
  );
}
