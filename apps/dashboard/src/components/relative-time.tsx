import type { ReactElement } from "react";
import { useNow } from "../shell/now.ts";
import { duration, exactTime, relativeTime } from "../text/time.ts";

/** How long ago something was; the very time, here and in UTC, when the pointer rests on it. */
export function RelativeTime({ at }: { readonly at: string }): ReactElement {
  const now = useNow();
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Took({ from, to }: { readonly from: string; readonly to: string | null }): ReactElement {
  return to === null ? (
    <TakesSince from={from} />
  ) : (
    <span className="num">{duration(Date.parse(to) - Date.parse(from))}</span>
  );
}

function TakesSince({ from }: { readonly from: string }): ReactElement {
  const now = useNow();
  return <span className="num">{duration(Math.max(0, now - Date.parse(from)))}</span>;
}
