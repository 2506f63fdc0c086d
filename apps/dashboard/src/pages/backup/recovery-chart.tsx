import type { BackupRepositoryShape } from "@fairway/api";
import type { ReactElement } from "react";
import { recoveryBars } from "./recovery.ts";
import "./backup.css";

const box = { width: 600, height: 72 };

/** RTO and RPO of drills over time; the table beside it has the same in figures. */
export function RecoveryChart({ drills }: Pick<BackupRepositoryShape, "drills">): ReactElement | null {
  const bars = recoveryBars(drills);
  if (bars.length === 0) return null;
  const step = box.width / Math.max(bars.length, 6);
  return (
    <figure className="card backup-chart">
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`RTO and RPO of ${bars.length} drills, the oldest first; the table has the figures`}
      >
        {bars.map(({ number, rto, rpo }, at) => (
          <g key={number}>
            <Bar className="backup-rto" x={at * step + step * 0.12} width={step * 0.36} part={rto} />
            <Bar className="backup-rpo" x={at * step + step * 0.52} width={step * 0.36} part={rpo} />
          </g>
        ))}
      </svg>
      <figcaption>
        <span className="backup-key" data-key="rto">
          RTO
        </span>
        <span className="backup-key" data-key="rpo">
          RPO
        </span>
        <span className="muted">the newest drill stands last; no bar where nobody knows</span>
      </figcaption>
    </figure>
  );
}

function Bar({
  className,
  x,
  width,
  part,
}: {
  readonly className: string;
  readonly x: number;
  readonly width: number;
  readonly part: number | null;
}): ReactElement | null {
  if (part === null) return null;
  const height = Math.max(2, part * box.height);
  return <rect className={className} x={x} y={box.height - height} width={width} height={height} />;
}
