import type { DutyPlan, NewEvidence } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attestation } from "./duty-control.ts";

/** Evidence with all that it must say. Throws `bad_request`. */
export function completedEvidence(
  given: Attestation,
  { id, cadence, environment, digest }: DutyPlan["duties"][number],
  { at, commit }: { readonly at: number; readonly commit: string | null },
): NewEvidence {
  const isOfRelease = cadence.kind === "release";
  if (isOfRelease && given.release === null)
    throw new FairwayError("bad_request", `${id} is owed for each release: say which`, { hint: "--release r42" });
  if (!isOfRelease && given.release !== null)
    throw new FairwayError("bad_request", `${id} is not owed for releases`, { hint: "leave --release out" });
  const observed = given.observedAt === undefined ? at : Date.parse(given.observedAt);
  if (Number.isNaN(observed) || observed > at + 60_000)
    throw new FairwayError("bad_request", `${given.observedAt ?? ""} is no moment that has been`);
  return {
    duty: id,
    environment,
    release: given.release,
    outcome: given.outcome,
    observedAt: new Date(observed).toISOString(),
    automation: given.automation ?? null,
    note: given.note ?? "",
    facts: given.facts ?? {},
    artifacts: given.artifacts ?? [],
    digest: given.digest === undefined ? digest : given.digest,
    validUntil: given.validUntil ?? null,
    slot: given.slot ?? null,
    corrects: given.corrects ?? null,
    commit: given.commit ?? commit,
  };
}
