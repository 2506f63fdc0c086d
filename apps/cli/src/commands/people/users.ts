import type { PersonShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";
import { newPassword, typedSecret } from "./typed.ts";

type Role = PersonShape["grants"][number]["role"];

/** `fairway users list`. */
export async function listUsers(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const found = await (await daemonClient(options)).call("people", {});
  if (options.json) return printJson(found);
  if (found.length === 0)
    return print("there is nobody: whoever is at this machine may do everything\n→ fairway users add <name>");
  const now = Date.now();
  const rows = found.map(({ name, login, grants, disabled, lastSeenAt }) => [
    harmless(name),
    disabled ? "kept out" : login,
    grants.map(grantWords).join(", ") || "–",
    lastSeenAt === null ? "never" : ago(lastSeenAt, now),
  ]);
  for (const line of table(["name", "login", "roles", "last seen"], rows)) print(line);
}

/** `fairway users add`. The password is typed or piped in. */
export async function addUser(
  [name = ""]: readonly string[],
  options: GlobalOptions & { readonly role?: string; readonly email?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const role = options.role === undefined ? null : roleFrom(options.role);
  const password = await newPassword(`A password for ${name}`);
  const added = await client.call("addPerson", { name, password, role, email: options.email ?? null });
  if (options.json) return printJson(added);
  print(
    `${harmless(added.name)} may log in now${added.grants.length === 0 ? ", without any role yet" : ` as ${added.grants.map(grantWords).join(", ")}`}`,
  );
  if (added.id === "u1") print("from now on everybody logs in, you too: fairway login");
}

/** `fairway users disable` and `enable`. */
const setDisabled =
  (disabled: boolean) =>
  async ([person = ""]: readonly string[], options: GlobalOptions): Promise<void> => {
    const changed = await (await daemonClient(options)).call("disablePerson", { person, disabled });
    if (options.json) printJson(changed);
    else
      print(
        disabled
          ? `${harmless(changed.name)} is kept out, with all sessions and tokens`
          : `${harmless(changed.name)} may log in again`,
      );
  };
export const disableUser: ReturnType<typeof setDisabled> = setDisabled(true);
export const enableUser: ReturnType<typeof setDisabled> = setDisabled(false);

/** `fairway users passwd`: somebody's new password, or one's own, which takes the old one too. */
export async function changePassword([name]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  if (name !== undefined) {
    const changed = await client.call("resetPassword", {
      person: name,
      password: await newPassword(`A password for ${name}`),
    });
    if (options.json) printJson(changed);
    else print(`${harmless(changed.name)} has another password, and no session any more`);
    return;
  }
  if (!process.stdin.isTTY)
    throw new FairwayError("bad_request", "your own password is changed where you can type it", {
      hint: "an administrator pipes one in with: fairway users passwd <name>",
    });
  const old = await typedSecret("Your password until now");
  const { endedSessions } = await client.call("changePassword", {
    old,
    password: await newPassword("Your new password"),
  });
  if (options.json) printJson({ endedSessions });
  else print(`your password is changed; ${endedSessions} other sessions have ended`);
}

/** `fairway users sign-out`. */
export async function signOutUser([person = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const ended = await (await daemonClient(options)).call("signOut", { person });
  if (options.json) printJson(ended);
  else print(`${ended.endedSessions} sessions of ${harmless(person)} have ended`);
}

interface RoleOptions extends GlobalOptions {
  readonly env?: string;
  readonly project?: string;
}

/** `fairway roles list`. */
export async function listRoles(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const found = await (await daemonClient(options)).call("roles", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nobody has a role");
  const rows = found.map(({ person, role, environment, project }) => [
    harmless(person),
    role,
    environment === null ? "all" : harmless(environment),
    project === null ? "all" : harmless(project),
  ]);
  for (const line of table(["name", "role", "environments", "projects"], rows)) print(line);
}

/** `fairway roles grant` and `revoke`. */
const changeRole =
  (operation: "grantRole" | "takeRole") =>
  async ([person = "", role = ""]: readonly string[], options: RoleOptions): Promise<void> => {
    const changed = await (
      await daemonClient(options)
    ).call(operation, {
      person,
      role: roleFrom(role),
      environment: options.env ?? null,
      project: options.project ?? null,
    });
    if (options.json) printJson(changed);
    else print(`${harmless(changed.name)}: ${changed.grants.map(grantWords).join(", ") || "no role"}`);
  };
export const grantRole: ReturnType<typeof changeRole> = changeRole("grantRole");
export const revokeRole: ReturnType<typeof changeRole> = changeRole("takeRole");

const roles: readonly Role[] = ["viewer", "deployer", "approver", "admin"];

/** Throws `bad_request`. */
export function roleFrom(written: string): Role {
  const role = roles.find((known) => known === written);
  if (role !== undefined) return role;
  throw new FairwayError("bad_request", `there is no role "${written}"`, { hint: `there are ${roles.join(", ")}` });
}

const grantWords = ({ role, environment, project }: PersonShape["grants"][number]): string =>
  `${role}${environment === null ? "" : ` in ${harmless(environment)}`}${project === null ? "" : ` of ${harmless(project)}`}`;
