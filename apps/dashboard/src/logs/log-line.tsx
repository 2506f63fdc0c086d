import type { ReactElement } from "react";
import { memo } from "react";
import { Icon } from "../components/icons.tsx";
import { LogText } from "../components/log-text.tsx";
import { exactTime } from "../text/time.ts";
import { lineKind } from "./line-kind.ts";

/** One line: its number, which is a link to it, and what it says. The head of a group opens and closes it. */
export const LogLineRow = memo(function LogLineRow({
  line,
  text,
  at,
  top,
  meant,
  fold,
  folded,
  onLine,
  onFold,
}: {
  readonly line: number;
  /** Undefined while it is on its way. */
  readonly text: string | undefined;
  readonly at: string | null;
  /** Where it is, in pixels. */
  readonly top: number;
  readonly meant: boolean;
  /** How many lines are in the group of which it is the head; null of every other line. */
  readonly fold: number | null;
  readonly folded: boolean;
  /** `more`: up to this line, and from the one that is meant already. */
  readonly onLine: (line: number, more: boolean) => void;
  readonly onFold: (line: number) => void;
}): ReactElement {
  const { kind, text: words, place } = lineKind(text ?? "");
  return (
    <div
      className="log-line"
      data-kind={kind}
      data-meant={meant ? "" : undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <a
        className="log-number"
        href={`#L${line}`}
        aria-label={`Link to line ${line}`}
        title={at === null ? undefined : exactTime(at)}
        onClick={(event) => {
          event.preventDefault();
          onLine(line, event.shiftKey);
        }}
      >
        {line}
      </a>
      {fold === null ? (
        <span className="log-text">
          <LogText text={words} />
          {place === null ? null : <span className="log-place">{place}</span>}
        </span>
      ) : (
        <button type="button" className="log-fold" aria-expanded={!folded} onClick={() => onFold(line)}>
          <Icon name="chevron" />
          <LogText text={words} />
          <span className="log-fold-count">{fold === 1 ? "1 line" : `${fold.toLocaleString("en")} lines`}</span>
        </button>
      )}
    </div>
  );
});
