import type { Status } from "@fairway/api";
import { capital } from "../../text/capital.ts";

/** The project in a sentence, for whoever sees it for the first time. */
export function wholeInWords({ project, environments }: Pick<Status, "project" | "environments">): string {
  if (environments.length === 0) return `${project} has no environments yet.`;
  const services = new Set(environments.flatMap(({ services: found }) => found.map(({ name }) => name))).size;
  const path = environments.map(({ name }) => name).join(" → ");
  const last = environments.findLast(({ promotesFrom }) => promotesFrom !== null);
  const rule =
    last === undefined ? "" : ` ${capital(last.name)} takes only what ${last.promotesFrom ?? ""} has verified.`;
  const ran = environments.some(({ current }) => current !== null);
  const count = services === 0 ? "" : `, ${services} ${services === 1 ? "service" : "services"}`;
  return `${project}${count}, on the path ${path}.${rule}${ran ? "" : " Nothing runs yet: make the first release with fairway release."}`;
}
