import { readFile, stat } from "node:fs/promises";
import type { Grant } from "@fairway/core";
import { FairwayError, messageOf, roleNames } from "@fairway/core";

/** Who an organisation's identity provider is, and what its word is worth here. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  /** The claim that lists somebody's groups. */
  readonly groupsClaim: string;
  /** The roles of each group, given and taken with every login. */
  readonly groups: Readonly<Record<string, readonly Grant[]>>;
  /** Whether somebody whom the provider knows and we do not is added, without any role but their groups'. */
  readonly addPeople: boolean;
}

const fields = ["issuer", "clientId", "clientSecret", "groupsClaim", "groups", "addPeople"] as const;

/** Reads the file that `--oidc` names. Throws `bad_request` with what is wrong with it. */
export async function readOidcSettings(path: string): Promise<OidcSettings> {
  const refuse = (why: string, hint?: string, cause?: unknown): never => {
    throw new FairwayError("bad_request", `${path}: ${why}`, { hint, cause });
  };
  let found: unknown;
  try {
    found = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    return refuse(`cannot be read as JSON: ${messageOf(cause)}`, undefined, cause);
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) return refuse("is no object");
  const said = found as Partial<Record<(typeof fields)[number], unknown>>;
  const unknown = Object.keys(said).find((key) => !(fields as readonly string[]).includes(key));
  if (unknown !== undefined) return refuse(`knows no "${unknown}"`, `it takes ${fields.join(", ")}`);
  const { issuer, clientId, clientSecret = null, groupsClaim = "groups", groups = {}, addPeople = true } = said;
  if (typeof issuer !== "string" || !URL.canParse(issuer) || !isPrivate(new URL(issuer)))
    return refuse("issuer must be the provider's https:// address");
  if (typeof clientId !== "string" || clientId === "") return refuse("clientId is missing");
  if (clientSecret !== null && (typeof clientSecret !== "string" || clientSecret === ""))
    return refuse("clientSecret must be text");
  if (typeof groupsClaim !== "string") return refuse("groupsClaim must be text");
  if (typeof addPeople !== "boolean") return refuse("addPeople must be true or false");
  if (clientSecret !== null && ((await stat(path)).mode & 0o077) !== 0)
    return refuse("others can read it, and it holds a secret", `chmod 600 ${path}`);
  if (typeof groups !== "object" || groups === null) return refuse("groups must say the roles of each group");
  const understood = Object.entries(groups).map(([group, given]): [string, readonly Grant[]] => {
    const grants = Array.isArray(given) ? given.map(grantOf) : [null];
    return grants.includes(null)
      ? refuse(
          `groups.${group} must be a list of roles`,
          `like [{ "role": "deployer", "environment": "staging" }], with a role of ${roleNames.join(", ")}`,
        )
      : [group, grants as readonly Grant[]];
  });
  return { issuer, clientId, clientSecret, groupsClaim, groups: Object.fromEntries(understood), addPeople };
}

/** A provider is reached over TLS, unless it runs on this machine. */
export const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));

function grantOf(given: unknown): Grant | null {
  if (typeof given !== "object" || given === null) return null;
  const { role, environment = null, project = null, ...rest } = given as Record<string, unknown>;
  const known = roleNames.find((name) => name === role);
  const isPlace = (place: unknown): place is string | null =>
    place === null || (typeof place === "string" && place !== "");
  if (known === undefined || !isPlace(environment) || !isPlace(project) || Object.keys(rest).length > 0) return null;
  return { role: known, environment, project };
}
