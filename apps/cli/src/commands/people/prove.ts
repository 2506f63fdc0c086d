import { createClient } from "@fairway/api/client";
import type { KeptLogin } from "../../kept-logins.ts";
import { keepLogin } from "../../kept-logins.ts";
import { isInteractive } from "../../output/terminal.ts";
import { typedSecret } from "./typed.ts";

/**
 * Asks for the password once more, for what wants a fresh proof; the session's new secret, or null where nobody can be asked.
 */
export async function proveByPassword(url: string, kept: KeptLogin): Promise<string | null> {
  if (!isInteractive() || !process.stdin.isTTY) return null;
  return prove(url, kept, await typedSecret(`Password of ${kept.name}, since this matters`));
}

/** Exchanges the session's secret for a fresh one. */
export async function prove(url: string, kept: KeptLogin, password: string): Promise<string | null> {
  const client = createClient(url, { token: () => kept.token });
  const { token, name, expiresAt } = await client.call("proveAgain", { password });
  if (token !== null) await keepLogin(url, { token, name, expiresAt });
  return token;
}
