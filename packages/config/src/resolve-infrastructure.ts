import type { CommandProgram, InfrastructureStack, StackPlacement } from "@fairway/core";
import { dependencyOrder } from "@fairway/core";
import { argvOf } from "./command-of.ts";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { InfrastructureConfig, ProjectConfig } from "./project-config.ts";

/** Nothing where there is none, so that such a project is the same as before there were stacks. */
export function resolveInfrastructure(
  config: ProjectConfig,
  ledger: Ledger,
): readonly InfrastructureStack[] | undefined {
  if (config.infrastructure === undefined) return undefined;
  const environments = Object.keys(config.environments ?? {});
  const stacks = Object.entries(config.infrastructure).map(([name, written]) =>
    resolveStack(name, written, environments, ledger),
  );
  const ordering = dependencyOrder(stacks.map((stack) => ({ name: stack.name, dependsOn: stack.after, stack })));
  return ordering.possible ? ordering.order.map(({ stack }) => stack) : stacks;
}

function resolveStack(
  name: string,
  written: InfrastructureConfig,
  environments: readonly string[],
  ledger: Ledger,
): InfrastructureStack {
  const own = <T>(key: keyof InfrastructureConfig, value: T | undefined, standard: T): T =>
    ledger.own<T>(["infrastructure", name, key], value, standard);
  const where = Object.keys(written.environments ?? {});
  const { drift } = written;
  return {
    name,
    folder: own("folder", written.folder, "."),
    program: programOf(own("program", written.program, "terraform")),
    after: own("after", written.after, []),
    environments: Object.fromEntries(
      (written.environments === undefined ? environments : where).map((environment) => [
        environment,
        placementOf(written, environment),
      ]),
    ),
    outputs: Object.entries(written.outputs ?? {}).map(([variable, given]) => ({
      variable,
      output: typeof given === "string" ? given : given.output,
      services: typeof given === "string" ? null : (given.services ?? null),
    })),
    lockTimeout: own("lockTimeout", millis(written.lockTimeout), 60_000),
    timeout: own("timeout", millis(written.timeout), 60 * 60_000),
    preventDestroy: own<boolean | readonly string[]>("preventDestroy", written.preventDestroy, true),
    ignore: (written.ignore ?? []).map(({ resource, field, reason, until }) => ({
      resource,
      field: field ?? null,
      reason,
      until: new Date(until).toISOString(),
    })),
    drift: own("drift", typeof drift === "string" ? [drift] : drift, []),
    owner: own<string | null>("owner", written.owner, null),
  };
}

const millis = (written: string | number | undefined): number | undefined =>
  written === undefined ? undefined : (millisOf(written) ?? undefined);

function programOf(written: NonNullable<InfrastructureConfig["program"]>): InfrastructureStack["program"] {
  if (typeof written === "string") return written;
  const { plan, apply, show, destroy, exitCodes } = written;
  return {
    plan: argvOf(plan),
    apply: argvOf(apply),
    show: show === undefined ? null : argvOf(show),
    destroy: destroy === undefined ? null : argvOf(destroy),
    exitCodes: { nothing: exitCodes?.nothing ?? [0], changes: exitCodes?.changes ?? [2] },
  } satisfies CommandProgram;
}

function placementOf(stack: InfrastructureConfig, environment: string): StackPlacement {
  const here = stack.environments?.[environment] ?? {};
  return {
    workspace: here.workspace ?? stack.workspace ?? null,
    variables: { ...stack.variables, ...here.variables },
    varFiles: here.varFiles ?? stack.varFiles ?? [],
    env: { ...stack.env, ...here.env },
    backend: { ...stack.backend, ...here.backend },
  };
}
