import type { Release } from "@fairway/core";
import { FairwayError, stacksIn } from "@fairway/core";
import type { Stack, StackOutputs } from "@fairway/infrastructure";
import type { Sealer } from "../sealing/sealer.ts";
import { keepOutputs, outputsFor } from "../store/infrastructure-states.ts";
import type { Sql } from "../store/store.ts";
import type { StackJobInput } from "./stack-jobs.ts";
import type { StackParts } from "./stack-parts.ts";

/** What the outputs of a stack are sealed for. */
export const outputsPurpose = (environment: string, stack: string, release: string): string =>
  `infrastructure-outputs/${environment}/${stack}/${release}`;

/** Keeps what a stack gives the services of a release, sealed. May be repeated. */
export async function keepStackOutputs(
  parts: Pick<StackParts, "store" | "sealer">,
  its: Stack,
  { environment, stack, release }: Pick<StackJobInput, "environment" | "stack" | "release">,
): Promise<void> {
  if (release === null || stack.outputs.length === 0) return;
  const wanted = new Set(stack.outputs.map(({ output }) => output));
  const found = Object.fromEntries(Object.entries(await its.outputs()).filter(([name]) => wanted.has(name)));
  const sealed = await parts.sealer.seal(
    outputsPurpose(environment, stack.name, release),
    Buffer.from(JSON.stringify(found), "utf8"),
  );
  await keepOutputs(parts.store, { environment, stack: stack.name, release }, sealed);
}

/** What a service finds of the infrastructure of its environment, and which of it nobody may read. */
export interface GivenOutputs {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Says what stacks give a service of a release. Throws `not_found` for an output that its stack does not have. */
export const stackOutputs =
  ({ store, sealer }: { readonly store: Sql; readonly sealer: Sealer }) =>
  async (release: Pick<Release, "id" | "project">, environment: string, service: string): Promise<GivenOutputs> => {
    const env: Record<string, string> = {};
    const secrets: string[] = [];
    for (const stack of stacksIn(release.project.infrastructure, environment)) {
      const mine = stack.outputs.filter(({ services }) => services === null || services.includes(service));
      if (mine.length === 0) continue;
      const row = await outputsFor(store, environment, stack.name, release.id);
      const found =
        row === null
          ? {}
          : (JSON.parse(
              (await sealer.open(outputsPurpose(environment, stack.name, row.release), row.sealed)).toString("utf8"),
            ) as StackOutputs);
      for (const { variable, output } of mine) {
        const given = Object.hasOwn(found, output) ? found[output] : undefined;
        if (given === undefined)
          throw new FairwayError("not_found", `the stack ${stack.name} has no output "${output}" in ${environment}`, {
            hint: `${variable} of ${service} comes from it: add the output to the code, and apply it`,
          });
        const text = typeof given.value === "string" ? given.value : JSON.stringify(given.value);
        env[variable] = text;
        if (given.sensitive && text !== "") secrets.push(text);
      }
    }
    return { env, secrets };
  };
