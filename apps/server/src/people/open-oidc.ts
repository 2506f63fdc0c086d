import type { OutsideOptions } from "../outside-options.ts";
import type { OidcLogin } from "./oidc.ts";
import { openOidc } from "./oidc.ts";
import { readOidcSettings } from "./oidc-settings.ts";
import type { People } from "./people.ts";

/** The login at an identity provider, where there is one. Throws `bad_request` for a file that makes no sense. */
export async function oidcOf(
  { oidc, publicUrl }: OutsideOptions,
  { store, logins }: People,
): Promise<OidcLogin | undefined> {
  if (oidc === undefined || publicUrl === undefined) return undefined;
  return openOidc({ store, logins, settings: await readOidcSettings(oidc), publicUrl });
}
