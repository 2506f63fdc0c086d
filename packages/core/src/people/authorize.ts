import type { Possible } from "../can.ts";
import type { Actor } from "./actor.ts";
import type { Grant, Permission, Role } from "./permission.ts";
import { deeds, roles } from "./permission.ts";

/** How far a token reaches, whatever the one whose it is may do. */
export interface TokenLimits {
  readonly permissions: readonly Permission[];
  /** null: every project. */
  readonly projects: readonly string[] | null;
  /** null: all environments, and what belongs to none. */
  readonly environments: readonly string[] | null;
}

/** Who asks, with all that decides what they may do. */
export interface Principal extends Actor {
  readonly grants: readonly Grant[];
  /** null for a person, who has no limits but their roles. */
  readonly limits: TokenLimits | null;
}

/** What a permission is asked for. */
export interface Scope {
  readonly project: string;
  /** null: what belongs to the project as a whole. */
  readonly environment: string | null;
  /** Of the whole project, but open to those who have the permission in any of its environments: a release, say. */
  readonly anywhere?: boolean;
}

/**
 * Whether somebody may do something. Nothing is allowed that no role and no limit names: a role for one environment
 * says nothing of another, nor of the project as a whole. It looks at nothing but what it is given.
 */
export function authorize(principal: Principal, permission: Permission, scope: Scope): Possible {
  if (!principal.grants.some((grant) => grants(grant, permission, scope)))
    return { possible: false, reason: `${principal.name} may not ${deeds[permission]} ${placeOf(scope)}` };
  if (principal.limits !== null && !reaches(principal.limits, permission, scope))
    return { possible: false, reason: `this token may not ${deeds[permission]} ${placeOf(scope)}` };
  return { possible: true };
}

/** Whether somebody may do something in any place at all: who may not need not be asked in which. */
export function holdsSomewhere({ name, grants: held, limits }: Principal, permission: Permission): Possible {
  const isHeld = held.some(({ role }) => permissionsOf(role).includes(permission));
  if (!isHeld) return { possible: false, reason: `${name} may not ${deeds[permission]} here` };
  if (limits !== null && !limits.permissions.includes(permission))
    return { possible: false, reason: `this token may not ${deeds[permission]}` };
  return { possible: true };
}

const permissionsOf = (role: Role): readonly Permission[] => (Object.hasOwn(roles, role) ? roles[role] : []);

function grants({ role, project, environment }: Grant, permission: Permission, scope: Scope): boolean {
  return (
    permissionsOf(role).includes(permission) &&
    (project === null || project === scope.project) &&
    covers(environment === null ? null : [environment], scope)
  );
}

const reaches = ({ permissions, projects, environments }: TokenLimits, permission: Permission, scope: Scope): boolean =>
  permissions.includes(permission) &&
  (projects === null || projects.includes(scope.project)) &&
  covers(environments, scope);

/** Environments as a role or a token names them, null for all. */
function covers(environments: readonly string[] | null, { environment, anywhere }: Scope): boolean {
  if (environments === null) return true;
  return environment === null ? anywhere === true && environments.length > 0 : environments.includes(environment);
}

/** A project that no role and no token can name, so that only those reach it which name none. */
export const everyProject = "";

const placeOf = ({ project, environment, anywhere }: Scope): string =>
  project === everyProject
    ? "in every project"
    : environment !== null
      ? `in ${environment}`
      : anywhere === true
        ? `in ${project}`
        : `in all of ${project}`;

/** Everything, everywhere: whoever sits at the machine of a daemon without a login. */
export const everything: readonly Grant[] = [{ role: "admin", project: null, environment: null }];
