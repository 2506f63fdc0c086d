import type { BuiltInAction } from "./built-in.ts";
import { checkout } from "./checkout.ts";
import { configureAwsCredentials } from "./configure-aws-credentials.ts";
import { pnpmSetup } from "./pnpm-setup.ts";
import { setupNode } from "./setup-node.ts";
import { setupPython } from "./setup-python.ts";
import { vercelAction } from "./vercel-action.ts";

const all: readonly BuiltInAction[] = [
  checkout,
  configureAwsCredentials,
  pnpmSetup,
  setupNode,
  setupPython,
  vercelAction,
];

const byName = new Map(all.map((action) => [action.name, action]));

/** The built-in action that stands in for one of another repository, whatever version is asked for. */
export function builtInAction(reference: {
  readonly repository: string;
  readonly path: string;
}): BuiltInAction | undefined {
  const { repository, path } = reference;
  return byName.get((path === "" ? repository : `${repository}/${path}`).toLowerCase());
}

/** The names of all built-in actions, in order. */
export function builtInActionNames(): readonly string[] {
  return [...byName.keys()].toSorted();
}
