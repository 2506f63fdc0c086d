import type { AccessLevel, Permissions } from "../model/workflow.ts";

/** What a token may do, kind by kind; a kind that is missing is `none`. */
export type EffectivePermissions = Readonly<Record<string, AccessLevel>>;

/** What a token may do when a workflow says nothing: GitHub's two settings of a repository. */
export type DefaultPermissions = "limited-read" | "write";

/** In GitHub's order; kinds that came later stand at the end. */
export const permissionKinds: readonly string[] = [
  ...["actions", "checks", "contents", "deployments", "discussions", "issues", "packages", "pages", "pull-requests"],
  ...["repository-projects", "statuses", "security-events", "id-token"],
  ...["artifact-metadata", "attestations", "code-quality", "copilot-requests", "drives", "models"],
];

/** The kinds that GitHub's messages list; the later ones have no say in them. */
const listed: readonly string[] = permissionKinds.slice(0, permissionKinds.indexOf("id-token") + 1);

/** What a token may do by default. A token that says who it is must always be asked for. */
export function defaultPermissions(setting: DefaultPermissions): EffectivePermissions {
  if (setting === "limited-read") return { contents: "read", packages: "read" };
  return { ...levelsOf("write"), "id-token": "none" };
}

/** Spells `permissions` out. As soon as any kind is written, the others are `none`. */
export function effectivePermissions(written: Permissions): EffectivePermissions {
  return written.all === undefined ? written.levels : levelsOf(written.all);
}

/** What is asked for and not allowed, in GitHub's words, or undefined when permissions only shrink. */
export function permissionExcess(asked: EffectivePermissions, allowed: EffectivePermissions): string | undefined {
  const tooHigh = listed.filter((kind) => rank(asked[kind]) > rank(allowed[kind]));
  if (tooHigh.length === 0) return undefined;
  const list = (levels: EffectivePermissions) => tooHigh.map((kind) => `${kind}: ${levels[kind] ?? "none"}`).join(", ");
  return `is requesting '${list(asked)}', but is only allowed '${list(allowed)}'.`;
}

function levelsOf(level: AccessLevel): EffectivePermissions {
  return Object.fromEntries(permissionKinds.map((kind) => [kind, level]));
}

function rank(level: AccessLevel | undefined): number {
  return level === "write" ? 2 : level === "read" ? 1 : 0;
}
