import { randomBytes } from "node:crypto";
import { requestHeader } from "@fairway/api";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { OidcLogin } from "../people/oidc.ts";
import type { People } from "../people/people.ts";
import { escapedHtml } from "./escaped-html.ts";
import { callerOfRequest, credentialsOf } from "./policies.ts";
import { sessionCookie } from "./session-cookie.ts";

/** What a browser must bring back from its provider; gone with the way back. */
const stateCookie = "__Host-fairway-oidc";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";
const open = { access: "open" } as const;

/** The way to an identity provider and back. Both pages are open: nobody is known there yet. */
export function oidcPages(app: FastifyInstance, people: People, oidc: OidcLogin): void {
  app.get("/auth/oidc/start", { config: { policy: open, operation: "oidc-start" } }, async (request, reply) => {
    const { code, again } = request.query as { readonly code?: unknown; readonly again?: unknown };
    const wished = typeof code === "string" && /^[0-9A-Za-z-]{8,9}$/.test(code) ? code : null;
    const { url, state } = await oidc.begin({ code: wished, again: again === "1" });
    return reply
      .header("set-cookie", `${stateCookie}=${state}; ${attributes}; Max-Age=600`)
      .header("cache-control", "no-store")
      .redirect(url, 303);
  });

  app.get("/auth/oidc/callback", { config: { policy: open, operation: "oidc-callback" } }, async (request, reply) => {
    const { address, userAgent } = credentialsOf(request);
    const caller = callerOfRequest(request);
    const { begun, code } = await oidc.finish(
      { url: new URL(request.url, oidc.origin), state: cookieOf(request.headers.cookie) },
      { kind: "browser", address, userAgent, before: caller?.byCookie === true ? caller.session : null },
    );
    await people.changed();
    const lasts = Date.parse(begun.session.expiresAt) - Date.now();
    reply.header("set-cookie", [sessionCookie(begun.secret, lasts), `${stateCookie}=; ${attributes}; Max-Age=0`]);
    return page(reply, begun.name, code);
  });
}

function cookieOf(header: string | undefined): string | null {
  const found = (header ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${stateCookie}=`));
  return found.length === 1 ? (found[0]?.slice(stateCookie.length + 1) ?? null) : null;
}

/**
 * Says that somebody is in. A program's code is confirmed by hand, here: whoever only followed a link of somebody else's lets
 * no program of theirs in.
 */
function page(reply: FastifyReply, name: string, code: string | null): FastifyReply {
  const nonce = randomBytes(16).toString("base64");
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": `default-src 'none'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
  const ask =
    code === null
      ? ""
      : `<p>A program that shows the code <b>${escapedHtml(code)}</b> wants to act for you. Let it, if it is yours and shows this code.</p>
<button id="yes">Let it</button><p id="said" role="status"></p>
<script nonce="${nonce}">
document.getElementById("yes").onclick = async () => {
  const answer = await fetch("/api/v1/login/confirmations", {
    method: "POST",
    headers: { "content-type": "application/json", "${requestHeader}": "1" },
    body: JSON.stringify({ code: ${JSON.stringify(code)} }),
  });
  document.getElementById("said").textContent = answer.ok ? "It is logged in." : (await answer.json()).message;
};
</script>`;
  return reply
    .headers(headers)
    .send(
      `<!doctype html><html lang="en"><title>Fairway</title><p>You are logged in as ${escapedHtml(name)}.</p><p><a href="../../">Go to the dashboard</a></p>${ask}</html>`,
    );
}
