import type { ReleaseShape, Status } from "@fairway/api";
import { harmless, markOf } from "./terminal.ts";

/** More addresses than these are for `fairway status`. */
const mostAddresses = 4;

/** Where people find what an environment has just been given, and how it goes further. */
export function nextSteps(status: Status, environment: string): readonly string[] {
  const addresses =
    status.environments.find(({ name }) => name === environment)?.services.flatMap(({ urls }) => urls.slice(0, 1)) ??
    [];
  const further = status.environments.filter(
    ({ promotesFrom, deploys }) => promotesFrom === environment && deploys === "on-request",
  );
  const shown =
    addresses.length > mostAddresses
      ? [...addresses.slice(0, mostAddresses), `… ${addresses.length - mostAddresses} more: fairway status`]
      : addresses;
  return [
    ...(shown.length === 0 ? [] : [`${harmless(environment)} answers at`, ...shown.map((one) => `  ${harmless(one)}`)]),
    ...further.map(({ name }) => `→ take it further with: fairway promote ${harmless(name)}`),
  ];
}

/** What is not in a release although the project has it, so that nobody looks for it where it cannot be. */
export const leftOutLines = ({ id, leftOut }: Pick<ReleaseShape, "id" | "leftOut">): readonly string[] =>
  leftOut.map(
    ({ service, reason }) => `${markOf("errored")} ${id} is without ${harmless(service)}: ${harmless(reason)}`,
  );
