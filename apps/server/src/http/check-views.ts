import type { ChecksShape } from "@fairway/api";
import { noAnnotations, type Verdict } from "@fairway/core";
import type { RunDetail } from "@fairway/engine";

/** What the checks of a run found, and which were left out. */
export function checksView(run: RunDetail, found: ReadonlyMap<string, unknown>): ChecksShape {
  const { notRun = [] } = run.subject as { readonly notRun?: ChecksShape["notRun"] };
  const results = run.jobs.flatMap(({ name }): ChecksShape["results"] => {
    const verdict = found.get(name) as Verdict | null | undefined;
    // A check without a report finds nothing to tell.
    if (verdict?.verdict === undefined) return [];
    const { kept, ...counts } = verdict.annotations ?? noAnnotations;
    return [{ job: name, verdict: verdict.verdict, summary: verdict.summary, ...counts, annotations: [...kept] }];
  });
  return { results, notRun };
}
