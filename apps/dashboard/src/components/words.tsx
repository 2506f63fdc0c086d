import type { ReactElement } from "react";
import { useNow } from "../shell/now.ts";
import { exactTime, relativeTime, shortTime } from "../text/time.ts";
import { timesInWords } from "../text/times-in-words.ts";

/**
 * A sentence of the server's. A time in it is shown by the clock of whoever looks, since a sentence that goes "from 02:15 on"
 * cannot go on "from in 2 h on"; how far off it is, and the very time in UTC too, when the pointer rests on it.
 */
export function Words({ of }: { readonly of: string }): ReactElement {
  const now = useNow();
  return (
    <>
      {timesInWords(of).map((part, place) =>
        "words" in part ? (
          part.words
        ) : (
          <time
            key={`${place} ${part.at}`}
            dateTime={part.at}
            title={`${exactTime(part.at)}, ${relativeTime(part.at, now)}`}
          >
            {shortTime(part.at)}
          </time>
        ),
      )}
    </>
  );
}
