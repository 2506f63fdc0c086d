import type { Plan } from "@fairway/api";
import type { ReactElement } from "react";
import { duration } from "../text/time.ts";
import { FewInList } from "./few-in-list.tsx";
import { NoteLine } from "./note.tsx";

type Strategy = Plan["rollouts"][number]["strategy"];

/** A strategy in a few words. */
function strategyWords(strategy: Strategy): string {
  switch (strategy.name) {
    case "rolling":
    case "recreate":
    case "blue-green":
      return strategy.name;
    case "canary":
      return `canary, ${strategy.steps.map(({ weight }) => `${weight} %`).join(", ")}`;
    case "linear":
      return `linear, ${strategy.step} % every ${duration(strategy.every)}`;
  }
}

const actionWords = { start: "starts", replace: "is replaced", restart: "is restarted" } as const;

/** What a deployment would do, part by part: exactly what an approval is bound to. */
export function PlanView({ plan }: { readonly plan: Plan }): ReactElement {
  const {
    rollouts,
    infrastructure = [],
    migrations = [],
    contracts = [],
    secrets = [],
    retired,
    leftOut,
    obstacles,
    warnings = [],
    approvals,
  } = plan;
  const changed = secrets.filter(({ from, version }) => from !== version);
  return (
    <div className="plan stack">
      {obstacles.map((obstacle) => (
        <NoteLine key={obstacle} tone="failed">
          {obstacle}
        </NoteLine>
      ))}
      {warnings.map((warning) => (
        <NoteLine key={warning} tone="waiting">
          {warning}
        </NoteLine>
      ))}
      <ul className="plan-list">
        <FewInList rows={rollouts}>
          {({ service, action, from, to, replicas, strategy }) => (
            <li key={service}>
              <strong>{service}</strong> {actionWords[action]}
              {from === null || from === to ? "" : `, ${from} → ${to}`}{" "}
              <span className="muted">
                {replicas} {replicas === 1 ? "replica" : "replicas"}, {strategyWords(strategy)}
              </span>
            </li>
          )}
        </FewInList>
        {retired.map((service) => (
          <li key={service}>
            <strong>{service}</strong> is taken away
          </li>
        ))}
        <FewInList rows={infrastructure}>
          {({ name, program, folder, approvals: people, phase }) => (
            <li key={`stack ${name}`}>
              <strong>{name}</strong> is planned and applied{" "}
              <span className="muted">
                {program} in {folder},{" "}
                {phase === "before-services" ? "before the services move" : "once they have moved"}
                {people === 0
                  ? ""
                  : `; its own plan is asked about: ${people} ${people === 1 ? "approval" : "approvals"}`}
              </span>
            </li>
          )}
        </FewInList>
        <FewInList rows={migrations}>
          {({ service, id, title, class: kind, direction, phase }) => (
            <li key={`${service} ${id}`}>
              <strong>{service}</strong> database: {title === "" ? id : title}{" "}
              <span className="muted">
                {kind},{" "}
                {direction === "back"
                  ? "its way back"
                  : phase === "before-rollout"
                    ? "before the services move"
                    : "once the old version is gone"}
              </span>
            </li>
          )}
        </FewInList>
        {contracts.map(({ service, chain, safe, calls, irreversible }) => (
          <li key={`contracts ${service}`}>
            <strong>{service}</strong> on chain {chain}{" "}
            <span className="muted">
              {safe === null
                ? "by a key of a test network"
                : `by ${safe.threshold} of ${safe.owners} owners of the Safe ${safe.address}`}
            </span>
            <ul>
              <FewInList rows={calls}>
                {(call) => (
                  <li key={call}>
                    <code>{call}</code>
                  </li>
                )}
              </FewInList>
              <FewInList rows={irreversible}>{(stays) => <li key={stays}>Irreversible: {stays}</li>}</FewInList>
            </ul>
          </li>
        ))}
        <FewInList rows={changed}>
          {({ name, version, from }) => (
            <li key={name}>
              <strong>{name}</strong> has another value{" "}
              <span className="muted">
                {from ?? "none"} → {version ?? "none"}; values are never shown
              </span>
            </li>
          )}
        </FewInList>
        {rollouts.length + retired.length + infrastructure.length + migrations.length + changed.length === 0 ? (
          <li>Nothing moves.</li>
        ) : null}
      </ul>
      {leftOut.length === 0 ? null : (
        <p className="muted">Left out: {leftOut.map(({ service, reason }) => `${service} (${reason})`).join(", ")}</p>
      )}
      <p className="muted">
        {approvals === 0
          ? "No approval is needed."
          : `${approvals} ${approvals === 1 ? "approval is" : "approvals are"} needed before it begins.`}
      </p>
    </div>
  );
}
