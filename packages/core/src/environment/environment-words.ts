import type { Environment, Project } from "../project/project.ts";
import type { Trigger } from "../trigger/trigger.ts";
import { actionLabel, sourceLabel } from "../trigger/trigger.ts";

/** An environment as a table for people has it: what it is for, how something comes there, and what that is held to. */
export interface EnvironmentWords {
  /** Where people find its parts, by what they are called; one without a name is `url`. */
  readonly urls: readonly { readonly name: string; readonly url: string }[];
  /** What brings a release there, and what else runs there by itself. */
  readonly starts: readonly string[];
  /** What a deployment is held to. */
  readonly protection: readonly string[];
  /** How many copies of which service run there. */
  readonly scale: readonly { readonly service: string; readonly replicas: number }[];
}

/** What the configuration says of an environment, in words. */
export const environmentWords = (project: Project, environment: Environment): EnvironmentWords => ({
  urls:
    environment.urls !== undefined
      ? Object.entries(environment.urls).map(([name, url]) => ({ name, url }))
      : environment.url === null
        ? []
        : [{ name: "url", url: environment.url }],
  starts: startsOf(project, environment),
  protection: protectionOf(environment),
  scale: environment.placements.map(({ service, replicas }) => ({ service, replicas })),
});

function startsOf(
  { triggers = [], previews }: Project,
  { name, deploys, promotesFrom }: Environment,
): readonly string[] {
  const isAutomatic = deploys === "automatically";
  const bringing = triggers.filter(
    ({ starts }) =>
      (starts.kind === "deploy" && starts.environment === name) ||
      (starts.kind === "release" && starts.deploy && isAutomatic),
  );
  const running = triggers.filter(({ starts }) => starts.kind === "workflow" && starts.environment === name);
  const isPreviewed = previews?.pullRequests === true && previews.inherits === name;
  const byItself = isAutomatic ? ["every release"] : [];
  const asked = promotesFrom === null ? `fairway deploy ${name}` : `fairway promote ${name}`;
  return [
    ...byItself,
    ...bringing.map(occasions),
    ...(isAutomatic ? [] : [asked]),
    ...(isPreviewed ? [`each pull request: a preview of it at pr-N.${previews.domain}`] : []),
    ...running.map((trigger) => `${trigger.name}: ${actionLabel(trigger.starts)} (${occasions(trigger)})`),
  ];
}

const occasions = ({ on }: Trigger): string => on.map(sourceLabel).join(", ");

function protectionOf({
  approvals,
  approvalTerms,
  promotesFrom,
  onlyFrom,
  freezes,
  notice,
}: Environment): readonly string[] {
  const whom = (approvalTerms?.from ?? []).map((one) => ("role" in one ? one.role : one.person));
  const tags = onlyFrom?.tags;
  const names = tags?.names?.patterns.join(", ");
  return [
    ...(approvals === 0
      ? []
      : [
          `${approvals} ${approvals === 1 ? "approval" : "approvals"}${whom.length === 0 ? "" : ` of ${whom.join(", ")}`}`,
        ]),
    ...(promotesFrom === null ? [] : [`verified in ${promotesFrom}`]),
    ...(tags === undefined || tags === null
      ? []
      : [`only tags ${[names, tags.semver].filter(Boolean).join(" ")}`.trim()]),
    ...(onlyFrom?.branch ? [`only commits of ${onlyFrom.branch}`] : []),
    ...(freezes === undefined || freezes.length === 0
      ? []
      : [`${freezes.length} ${freezes.length === 1 ? "freeze" : "freezes"}`]),
    ...(notice === undefined ? [] : [`announced ${Math.round(notice / 3_600_000)} h before`]),
  ];
}
