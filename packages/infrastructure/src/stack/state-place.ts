/**
 * Whether code names a place of its state that outlives the checkout it is in: any backend, and of the local one only a whole
 * path. Comments are not looked into; a backend that is only commented out begins its line with something else.
 */
export function saysWhereStateIs(code: string): boolean {
  const named = [...code.matchAll(/^\s*(?:backend\s+"?([\w-]+)"?\s*\{([^}]*)|cloud\s*\{)|"(backend|cloud)"\s*:/gmu)];
  return named.some(([, kind, body = "", json]) => {
    if (json !== undefined) return !/"local"\s*:\s*\{[^}]*\}/u.test(code) || /"path"\s*:\s*"\//u.test(code);
    return kind !== "local" || /^\s*path\s*=\s*"\//mu.test(body);
  });
}
