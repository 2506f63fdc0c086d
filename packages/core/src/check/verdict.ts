/**
 * The answer to a check. *inconclusive* means that it was asked and the answer decides nothing; that it could not be
 * asked at all is a throw.
 */
export type Verdict =
  | { readonly verdict: "passed"; readonly summary: string }
  | { readonly verdict: "failed"; readonly summary: string }
  | { readonly verdict: "inconclusive"; readonly summary: string };
