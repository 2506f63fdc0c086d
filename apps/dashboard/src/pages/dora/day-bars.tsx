import type { DoraShape } from "@fairway/api";
import type { ReactElement } from "react";

type Day = DoraShape["environments"][number]["byDay"][number];

const box = { width: 600, height: 56 };

/** Deployments by day: what was carried through, and of it and beside it what failed. Told in words too. */
export function DayBars({ days }: { readonly days: readonly Day[] }): ReactElement {
  const highest = Math.max(1, ...days.map(({ deployed, failed }) => Math.max(deployed, failed)));
  const step = box.width / Math.max(1, days.length);
  const total = days.reduce((sum, { deployed }) => sum + deployed, 0);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  return (
    <figure className="dora-days">
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`By day: ${total} carried through, ${failed} failed`}
      >
        {days.map((day, at) => (
          <g key={day.day}>
            <title>{`${day.day}: ${day.deployed} carried through, ${day.failed} failed`}</title>
            <rect className="dora-day-room" x={at * step} y={0} width={step} height={box.height} />
            <Bar className="dora-day-deployed" at={at} step={step} part={day.deployed / highest} />
            <Bar className="dora-day-failed" at={at} step={step} part={day.failed / highest} narrow />
          </g>
        ))}
      </svg>
      <figcaption>
        <span>{days[0]?.day}</span>
        <span className="dora-key" data-key="deployed">
          carried through
        </span>
        <span className="dora-key" data-key="failed">
          failed
        </span>
        <span>{days.at(-1)?.day}</span>
      </figcaption>
    </figure>
  );
}

function Bar({
  className,
  at,
  step,
  part,
  narrow = false,
}: {
  readonly className: string;
  readonly at: number;
  readonly step: number;
  readonly part: number;
  readonly narrow?: boolean;
}): ReactElement | null {
  if (part === 0) return null;
  const width = step * (narrow ? 0.34 : 0.76);
  const height = Math.max(2, part * box.height);
  return (
    <rect
      className={className}
      x={at * step + (step - width) / 2}
      y={box.height - height}
      width={width}
      height={height}
    />
  );
}
