import type { MovesShape, Run } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Confirm } from "../components/confirm.tsx";

/** Holds a deployment where it is, after saying what that is. */
export function PauseDialog({ run, onClose }: { readonly run: Run; readonly onClose: () => void }): ReactElement {
  const { name } = useWho();
  const [reason, setReason] = useState("");
  const pause = useChange("pause");
  return (
    <Confirm
      title={`Pause ${run.id}`}
      verb="Pause"
      onClose={onClose}
      act={() => pause.mutateAsync({ run: run.id, by: name, reason: reason.trim() === "" ? null : reason.trim() })}
    >
      <ul className="plan-list">
        <Standing run={run} />
        <li>Nothing more is begun, no deadline runs out, and nothing is rolled back by itself meanwhile.</li>
        <li>It can still be approved, stopped and rolled back. A restart of Fairway does not end the pause.</li>
      </ul>
      <label className="field">
        Why, for whoever meets it
        <input value={reason} maxLength={2000} onChange={({ target }) => setReason(target.value)} />
      </label>
    </Confirm>
  );
}

/** Lets a deployment that was held go on. */
export function ResumeDialog({ run, onClose }: { readonly run: Run; readonly onClose: () => void }): ReactElement {
  const { name } = useWho();
  const resume = useChange("resume");
  const next = run.jobs.filter(({ state }) => state === "running" || state === "pending").map((job) => job.name);
  return (
    <Confirm
      title={`Resume ${run.id}`}
      verb="Resume"
      onClose={onClose}
      act={() => resume.mutateAsync({ run: run.id, by: name })}
    >
      <ul className="plan-list">
        <li>It goes on from where it is, and its deadlines go on counting.</li>
        <Standing run={run} />
        {next.length === 0 ? null : <li>Left to do: {next.join(", ")}</li>}
      </ul>
    </Confirm>
  );
}

/** How each service stands now, which is how it stays or goes on. */
function Standing({ run }: { readonly run: Run }): ReactElement {
  const { data } = useQuery(asked("moves", { run: run.id }));
  const services = (data ?? []).filter(({ moves }) => moves.length > 0);
  if (services.length === 0)
    return <li>No service of it has moved yet: what runs in {run.environment ?? "its environment"} stays as it is.</li>;
  return (
    <>
      {services.map((service) => (
        <li key={service.service}>{standing(service)}</li>
      ))}
    </>
  );
}

function standing({ service, from, to, moves }: MovesShape[number]): string {
  const last = moves.at(-1);
  if (last === undefined) return service;
  const traffic = last.weight === null ? "" : `, and ${last.weight} % of the traffic is with ${to}`;
  return `${service}: ${last.old.ready} ready of ${from ?? "nothing before"}, ${last.new.ready} of ${to}${traffic}.`;
}
