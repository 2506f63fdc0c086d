/** Names of projects, services, environments and checks: they become host names, folders and database names. */
export const nameForm: RegExp = /^[a-z][a-z0-9-]{0,39}$/u;

/** Names of environment variables as every shell can read them. */
export const environmentVariableForm: RegExp = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/u;

/** Names of secrets. */
export const secretForm: RegExp = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/u;

/** Names of programs that are looked for on the PATH. */
export const programForm: RegExp = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/u;

/** A path of an HTTP request. Two slashes in front would name another host. */
export const httpPathForm: RegExp = /^\/(?!\/)[!-"$-~]{0,1023}$/u;

/** A host name of DNS in small letters, or `*`. */
export const hostForm: RegExp =
  /^(?:\*|(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)$/u;

/** Why a variable may not be set by hand, or null when it may. */
export function reservedVariable(name: string): string | null {
  if (name === "PORT") return "Fairway gives every replica its own port";
  if (name === "GIT_SHA") return "Fairway sets it to the commit of the release";
  return name.startsWith("FAIRWAY_") ? "names that begin with FAIRWAY_ are Fairway's own" : null;
}
