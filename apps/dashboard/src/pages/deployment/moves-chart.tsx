import type { MovesShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useNow } from "../../shell/now.ts";
import { duration } from "../../text/time.ts";
import { stepArea, stepPath } from "./steps-over-time.ts";

type Service = MovesShape[number];

const box = { width: 600, height: 96 };

/**
 * How a service moved: replicas of the old and the new release that are ready, and the share of traffic that the new one has.
 */
export function MovesChart({
  service,
  endedAt,
}: {
  readonly service: Service;
  readonly endedAt: string | null;
}): ReactElement | null {
  const now = useNow();
  const { moves, from: old, to } = service;
  const first = moves[0];
  const last = moves.at(-1);
  if (first === undefined || last === undefined) return null;
  const begin = Date.parse(first.at);
  const end = Math.max(Date.parse(last.at), Math.min(now, endedAt === null ? now : Date.parse(endedAt)));
  const highest = Math.max(1, ...moves.flatMap((move) => [move.old.ready, move.new.ready]));
  const series = (value: (move: Service["moves"][number]) => number): { at: number; value: number }[] =>
    moves.map((move) => ({ at: Date.parse(move.at), value: value(move) }));
  const weighs = moves.some(({ weight }) => weight !== null);
  const share = (move: Service["moves"][number]): number => move.weight ?? 0;
  return (
    <figure className="moves">
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Ready replicas: ${old ?? "none"} from ${first.old.ready} to ${last.old.ready}, ${to} from ${first.new.ready} to ${last.new.ready}${weighs ? `; traffic of ${to} ${share(last)} percent` : ""}`}
      >
        <path
          className="moves-old"
          d={stepArea(
            series((move) => move.old.ready),
            begin,
            end,
            highest,
            box,
          )}
        />
        <path
          className="moves-new"
          d={stepArea(
            series((move) => move.new.ready),
            begin,
            end,
            highest,
            box,
          )}
        />
        <path
          className="moves-new-line"
          d={stepPath(
            series((move) => move.new.ready),
            begin,
            end,
            highest,
            box,
          )}
        />
        {weighs ? <path className="moves-weight" d={stepPath(series(share), begin, end, 100, box)} /> : null}
      </svg>
      <figcaption>
        <span className="moves-key" data-key="old">
          {old ?? "nothing before"}
        </span>
        <span className="moves-key" data-key="new">
          {to}
        </span>
        {weighs ? (
          <span className="moves-key" data-key="weight">
            share of traffic
          </span>
        ) : null}
        <span className="num">{duration(end - begin)}</span>
      </figcaption>
    </figure>
  );
}
