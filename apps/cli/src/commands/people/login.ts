import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, daemonUrl, urlFrom } from "../../context.ts";
import { keepLogin, keptLogin } from "../../kept-logins.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { prove } from "./prove.ts";
import { newPassword, typedSecret, typedWord } from "./typed.ts";

interface LoginOptions extends GlobalOptions {
  readonly user?: string;
  readonly url?: string;
  readonly again?: boolean;
  readonly withCode?: boolean;
  readonly withToken?: boolean;
  readonly first?: boolean;
}

interface LoggedIn {
  readonly name: string;
  readonly token: string | null;
  readonly expiresAt: string;
}

/** `fairway login`: by password, by a code that is confirmed elsewhere, or with a token that is piped in. */
export async function login(_args: readonly string[], options: LoginOptions): Promise<void> {
  const url = options.url === undefined ? await daemonUrl(options) : urlFrom(options.url);
  if (options.again) return again(url, options);
  const client = createClient(url);
  const { name, token, expiresAt } = options.withToken
    ? await withToken(url)
    : options.withCode
      ? await withCode(client, url, options)
      : options.first
        ? await first(client, options)
        : await withPassword(client, options);
  if (token === null) throw new FairwayError("internal", "the daemon gave no session");
  await keepLogin(url, { token, name, expiresAt });
  if (options.json) printJson({ name, url, expiresAt });
  else print(`logged in at ${url} as ${harmless(name)}, until ${expiresAt}`);
}

async function withPassword(client: Client, { user }: LoginOptions): Promise<LoggedIn> {
  const name = user ?? (await typedWord("Your name", "--user"));
  return client.call("login", { name, password: await typedSecret(`Password of ${name}`), as: "token" });
}

/** The first administrator: two lines when piped in would be two secrets, so the code is asked for as a word. */
async function first(client: Client, { user }: LoginOptions): Promise<LoggedIn> {
  const name = user ?? (await typedWord("Your name", "--user"));
  const code =
    process.env["FAIRWAY_FIRST_CODE"] || (await typedWord("The code that the daemon told", "FAIRWAY_FIRST_CODE"));
  return client.call("setUp", { code, name, password: await newPassword(`A password for ${name}`), as: "token" });
}

/** A token shows itself whose it is and how long it lasts. */
async function withToken(url: string): Promise<LoggedIn> {
  const token = await typedSecret("Token");
  const who = await createClient(url, { token: () => token }).call("whoami", {});
  return { name: who.name, token, expiresAt: who.expiresAt ?? new Date(Date.now() + 86_400_000).toISOString() };
}

const askEvery = 2_000;

async function withCode(client: Client, url: string, { json }: LoginOptions): Promise<LoggedIn> {
  const { code, claim, expiresAt } = await client.call("loginCode", {});
  const words = `where you are logged in at ${url}, say: fairway login-code ${code}`;
  if (json) printJson({ code, expiresAt });
  else print(words);
  while (Date.now() < Date.parse(expiresAt)) {
    const claimed = await client.call("claimLogin", { claim });
    if (claimed.token !== null && claimed.name !== null && claimed.expiresAt !== null)
      return { name: claimed.name, token: claimed.token, expiresAt: claimed.expiresAt };
    await wait(askEvery);
  }
  throw new FairwayError("deadline_passed", "nobody has confirmed the code in time", {
    hint: "begin again: fairway login",
  });
}

/** `fairway login --again`. */
async function again(url: string, options: LoginOptions): Promise<void> {
  const kept = await keptLogin(url);
  if (kept === null)
    throw new FairwayError("unauthenticated", `you are not logged in at ${url}`, {
      hint: "log in with: fairway login",
    });
  await prove(url, kept, await typedSecret(`Password of ${kept.name}`));
  if (options.json) printJson({ name: kept.name, url });
  else print(`${harmless(kept.name)} may do for 15 minutes what needs a fresh proof`);
}

/** `fairway login-code`: lets a program on another machine act for whoever is logged in here. */
export async function confirmCode([code = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  await client.call("confirmLogin", { code });
  if (options.json) printJson({ confirmed: true });
  else print("the program that showed this code is logged in as you now; see it with: fairway sessions");
}

/** `fairway logout`. */
export async function logout(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const url = await daemonUrl(options);
  const client = await daemonClient(options);
  try {
    await client.call("logout", {});
  } catch (thrown) {
    // It was over already; what is kept of it goes all the same.
    if ((thrown as { readonly code?: unknown }).code !== "unauthenticated") throw thrown;
  }
  await keepLogin(url, null);
  if (options.json) printJson({ url });
  else print(`logged out at ${url}`);
}

/** `fairway whoami`. */
export async function whoami(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const who = await (await daemonClient(options)).call("whoami", {});
  if (options.json) return printJson(who);
  if (!who.login) return print("this daemon has no login: whoever is at its machine may do everything");
  print(`${harmless(who.name)}${who.owner === null ? "" : `, a token of ${harmless(who.owner)}`}`);
  for (const { role, project, environment } of who.grants)
    print(
      `  ${role} ${environment === null ? "everywhere" : `in ${harmless(environment)}`}${project === null ? "" : ` of ${harmless(project)}`}`,
    );
  if (who.permissions !== null) print(`  no more than: ${who.permissions.join(", ")}`);
  if (who.expiresAt !== null) print(`  until ${who.expiresAt}`);
}
