/** What there is to be allowed, with the words of the reference. */
export const permissions = {
  read: "Look at everything but secrets, people and the audit trail.",
  change: "Make releases, deploy, roll back, lock, and edit feature flags.",
  approve: "Answer what waits for an approval.",
  operate: "Operate the daemon and its router: backups, settings, keys of services, the end.",
  work: "Make journeys at a place elsewhere, and be given the secrets that they name.",
  secrets: "Write and remove secrets; nothing shows one again.",
  people: "Add and disable people, give and take roles, end others' sessions and tokens.",
  audit: "Read and export the audit trail.",
} as const;

export type Permission = keyof typeof permissions;

/** What somebody without it may not do, for a sentence: "vera may not handle secrets". */
export const deeds: Readonly<Record<Permission, string>> = {
  read: "look at anything",
  change: "change anything",
  approve: "approve anything",
  operate: "operate the daemon",
  work: "make journeys",
  secrets: "handle secrets",
  people: "manage people",
  audit: "read the audit trail",
};

export const permissionNames: readonly Permission[] = Object.keys(permissions) as readonly Permission[];

export type Role = "viewer" | "deployer" | "approver" | "admin";

/** What each role may do. Nobody's role holds another's: who may deploy and approve has two. */
export const roles: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ["read"],
  deployer: ["read", "change"],
  approver: ["read", "approve"],
  admin: permissionNames,
};

export const roleNames: readonly Role[] = Object.keys(roles) as readonly Role[];

/** Who may do what somebody else was refused, and how one becomes one of them. */
export function whoMay(permission: Permission): string {
  const names = roleNames.filter((role) => roles[role].includes(permission));
  const last = names.at(-1) ?? "admin";
  const all = names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${last}` : last;
  return `whoever has the role ${all} may; an administrator gives it, with: fairway roles`;
}

/** A role that somebody has, everywhere or in a part. */
export interface Grant {
  readonly role: Role;
  /** null: every project of this daemon. */
  readonly project: string | null;
  /** null: all environments, and what belongs to none. */
  readonly environment: string | null;
}
