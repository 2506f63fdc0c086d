import type { AnalysisOptions, AnalysisRule } from "./analysis-options.ts";
import { nameOfRule } from "./analysis-options.ts";
import { unknownPlaceholders } from "./query-text.ts";

/** What cannot be judged so, as sentences for people; empty when everything can. */
export const analysisProblems = (options: AnalysisOptions): readonly string[] => [
  // Not shown, because it may hold a password.
  ...(/^\w+:\/\/[^/]*@/u.test(options.prometheus?.url ?? "")
    ? ['the address of prometheus must have no name or password in it: give it a "token"']
    : []),
  ...(options.prometheus !== undefined && options.cloudwatch !== undefined
    ? ["cannot ask both: queries go to prometheus or to cloudwatch"]
    : []),
  ...options.rules.flatMap((rule) => problemsOf(rule, options).map((problem) => `${nameOfRule(rule)} ${problem}`)),
];

function problemsOf(rule: AnalysisRule, { prometheus, cloudwatch }: AnalysisOptions): readonly string[] {
  if (rule.metric !== "query")
    return rule.difference === null && rule.max === undefined
      ? ['is neither compared nor bounded: give it a "max", or let it be compared']
      : [];
  const { min, max, difference, stable, candidate } = rule;
  return [
    ...(prometheus === undefined && cloudwatch === undefined
      ? ['cannot be asked: "prometheus" is missing, or "cloudwatch"']
      : []),
    ...(min === undefined && max === undefined && difference === null
      ? ['has nothing to be judged by: give it a "max", a "min" or a "difference"']
      : []),
    ...(min !== undefined && max !== undefined && min > max ? [`can never be from ${min} to ${max}`] : []),
    ...(difference !== null && stable === null
      ? ['cannot be compared: the query names no {{release}}, and there is no query "stable"']
      : []),
    ...unknownPlaceholders(`${candidate} ${stable ?? ""}`).map(
      (name) => `names {{${name}}}; there are {{release}}, {{service}} and {{environment}}`,
    ),
  ];
}

/** Whether any of it is judged by the requests that the router gives the service. */
export const needsTraffic = ({ rules }: AnalysisOptions): boolean => rules.some(({ metric }) => metric !== "query");
