/** What a registry asks for in answer to somebody it does not know (RFC 9110, 11.6.1). */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "bearer";
      /** Where a token is to be had. */
      readonly realm: string;
      readonly service: string | null;
      readonly scope: string | null;
    };

/** Reads `WWW-Authenticate`; null for a scheme that nobody here knows. */
export function challengeOf(header: string): Challenge | null {
  // Several may stand in one header; a token is asked for where it can be.
  const bearer = /\bbearer\s+(.*)$/isu.exec(header)?.[1];
  if (bearer !== undefined) {
    const values = new Map(
      [...bearer.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/giu)].map(([, name, quoted, plain]) => [
        (name ?? "").toLowerCase(),
        quoted?.replaceAll(/\\(.)/gu, "$1") ?? plain ?? "",
      ]),
    );
    const realm = values.get("realm");
    if (realm === undefined) return null;
    return { scheme: "bearer", realm, service: values.get("service") ?? null, scope: values.get("scope") ?? null };
  }
  return /\bbasic\b/iu.test(header) ? { scheme: "basic" } : null;
}
