import type { Millis } from "@fairway/core";

/**
 * The prefix keeps other hosts and other paths from planting one, and makes browsers refuse it without `Secure`: over http
 * they take it from localhost at most. https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis
 */
export const cookieName = "__Host-fairway";

/** Lax, not Strict: who comes back from an identity provider comes from another site. */
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** A cookie that ends by itself when its session does. */
export const sessionCookie = (secret: string, lasts: Millis): string =>
  `${cookieName}=${secret}; ${attributes}; Max-Age=${Math.max(1, Math.floor(lasts / 1000))}`;

export const noSessionCookie: string = `${cookieName}=; ${attributes}; Max-Age=0`;

/** The session's secret from the header `Cookie`; null for none. One that is there twice is nobody's. */
export function sessionSecretOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const found = header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${cookieName}=`))
    .map((part) => part.slice(cookieName.length + 1));
  if (found.length === 0) return null;
  return found.length === 1 ? (found[0] ?? "") : "";
}
