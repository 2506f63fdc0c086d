import { evaluateTexts } from "../expressions/evaluate.ts";
import type { SecretScope } from "../model/plan.ts";

/** GitHub's own token reaches every workflow, called or not. */
const ownToken = "GITHUB_TOKEN";

/**
 * What of a run's secrets reaches a job: through each workflow that calls the next, all of them, none, or those that it
 * hands on under names of its choice. Throws `expression_failed` when a value that is handed on cannot be computed.
 */
export function secretsWithin(
  scopes: readonly SecretScope[],
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return scopes.reduce((around, scope) => {
    if (scope.pass === "all") return around;
    const token = around[ownToken] === undefined ? {} : { [ownToken]: around[ownToken] };
    if (scope.pass !== "some") return token;
    return { ...token, ...evaluateTexts(scope.secrets, { ...scope.contexts, secrets: { ...around } }) };
  }, secrets);
}
