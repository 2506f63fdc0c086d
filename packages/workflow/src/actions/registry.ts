import type { BuiltInAction } from "./built-in.ts";
import { downloadArtifact, uploadArtifact } from "./artifact-actions.ts";
import { cache, cacheRestore, cacheSave } from "./cache-action.ts";
import { checkout } from "./checkout.ts";
import { configureAwsCredentials } from "./configure-aws-credentials.ts";
import { dockerBuildPush, dockerLogin, dockerSetupBuildx } from "./docker-actions.ts";
import { pnpmSetup } from "./pnpm-setup.ts";
import { setupNode } from "./setup-node.ts";
import { setupPython } from "./setup-python.ts";
import { setupTerraform } from "./setup-terraform.ts";
import { vercelAction } from "./vercel-action.ts";

const all: readonly BuiltInAction[] = [
  cache,
  cacheRestore,
  cacheSave,
  checkout,
  configureAwsCredentials,
  dockerBuildPush,
  dockerLogin,
  dockerSetupBuildx,
  downloadArtifact,
  pnpmSetup,
  setupNode,
  setupPython,
  setupTerraform,
  uploadArtifact,
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
