import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { EmptyNote } from "../../components/answered.tsx";
import type { LineRange } from "../../logs/line-range.ts";
import { LogView } from "../../logs/log-view.tsx";
import "./run.css";

/** What the replicas of a service write, one of them at a time. */
export function ReplicaLogs({
  environment,
  service,
  release,
}: {
  readonly environment: string;
  readonly service: string;
  readonly release: string | null;
}): ReactElement {
  const status = useQuery(asked("status", {}));
  const [name, setName] = useState<string | null>(null);
  const [range, setRange] = useState<LineRange | null>(null);
  const replicas = (
    status.data?.environments.find((each) => each.name === environment)?.services.find((each) => each.name === service)
      ?.replicas ?? []
  ).filter((each) => release === null || each.release === release);
  const replica = replicas.find((each) => each.name === name) ?? replicas[0];
  if (replica === undefined) return <EmptyNote title={`No replica of ${release ?? "it"} is there any more`} />;
  return (
    <div className="stack">
      <label className="run-replica">
        <span className="muted">Replica</span>
        <select value={replica.name} onChange={({ target }) => setName(target.value)}>
          {replicas.map((each) => (
            <option key={each.name} value={each.name}>
              {each.name} ({each.state})
            </option>
          ))}
        </select>
      </label>
      <LogView
        key={replica.name}
        source={{ environment, service, replica: replica.name }}
        live
        range={range}
        onRange={setRange}
      />
    </div>
  );
}
