import type { DeploymentPlan } from "../deployment/plan.ts";
import type { ApprovalTerms } from "./approval-terms.ts";

/** What people are asked about. */
export type AskedAbout =
  | { readonly kind: "deployment"; readonly plan: DeploymentPlan }
  | { readonly kind: "step"; readonly service: string; readonly weight: number }
  | { readonly kind: "infrastructure" };

const hour = 3_600_000;

/**
 * What makes an approval worth nothing before it is used, a sentence each. The same rules are kept where a deployment begins:
 * it is planned once more there, and any difference voids what was approved.
 */
export function whatVoids(asked: AskedAbout, { expires }: Pick<ApprovalTerms, "expires">): readonly string[] {
  return [
    "a no, by anybody who may approve",
    ...(expires === undefined ? [] : [`time: a yes counts for ${hoursWords(expires)}`]),
    ...(asked.kind === "deployment"
      ? ofDeployment(asked.plan)
      : asked.kind === "step"
        ? [`another share of traffic than ${asked.weight} % for ${asked.service}, or another deployment`]
        : [
            "another plan: code, state or provider say something else when it is made again, or it is applied too late",
          ]),
  ];
}

function ofDeployment({
  environment,
  release,
  from,
  migrations = [],
  secrets = [],
}: DeploymentPlan): readonly string[] {
  return [
    `another release in ${environment} than ${from ?? "none"} when it begins: by a deployment or a rollback before it`,
    `${release} in quarantine, or artifacts of it that are not what was signed`,
    ...(migrations.length === 0 ? [] : ["databases that have other migrations by then"]),
    ...(secrets.length === 0 ? [] : ["another version of a secret that it starts services with"]),
  ];
}

function hoursWords(millis: number): string {
  const hours = millis / hour;
  return hours >= 1 ? `${Number(hours.toFixed(1))} h` : `${Math.round(millis / 60_000)} min`;
}
