import type { ReleaseId, RunId } from "@fairway/core";
import { checkResultById } from "../store/check-results.ts";
import type { Sql } from "../store/store.ts";
import type { Body, FoundNotice } from "./found-notice.ts";
import { word } from "./found-notice.ts";

/** A release has lost its word of being verified somewhere, or has it again. */
export const ofVerification = (environment: string, { release, verified, run, why }: Body): FoundNotice => ({
  about: `verification ${environment} ${word(release)} ${word(run)} ${verified === true ? "well" : "unwell"}`,
  notice: {
    kind: verified === true ? "verification.renewed" : "verification.revoked",
    level: verified === true ? "success" : "error",
    title:
      verified === true
        ? `${word(release)} counts as verified in ${environment} again`
        : `${word(release)} does not count as verified in ${environment} any more`,
    text: word(why),
    environment,
    run: (run ?? null) as RunId | null,
    release: (release ?? null) as ReleaseId | null,
    url: null,
    facts: [{ name: "Look", value: `fairway run show ${word(run)}` }],
    thread: `verification ${environment} ${word(release)}`,
  },
});

/** Of a journey the first failure is told and that it went well again: every hour the same is heard by nobody. */
export async function ofJourney(sql: Sql, environment: string, told: Body): Promise<FoundNotice | null> {
  const { status, before, occasion } = told;
  const hasFailed = status === "failed" && before !== "failed";
  const isWell = status === "passed" && before !== "passed" && before !== null;
  if (occasion !== "schedule" || !(hasFailed || isWell)) return null;
  const [id, name, location] = [Number(told["id"]), word(told["name"]), word(told["location"])];
  const { summary, release } = await checkResultById(sql, id);
  return {
    about: `journey ${id}`,
    notice: {
      kind: hasFailed ? "synthetic.failed" : "synthetic.recovered",
      level: hasFailed ? "error" : "success",
      title: `${environment}: the journey ${name} ${hasFailed ? "fails" : "goes well again"} (from ${location})`,
      text: summary,
      environment,
      run: null,
      release,
      url: null,
      facts: [{ name: "Look", value: `fairway checks show ${id}` }],
      thread: `journey ${environment} ${name} ${location}`,
    },
  };
}

/** Nobody made a journey when it was due. */
export const ofMissed = (environment: string, { name, location, release, dueAt }: Body): FoundNotice => ({
  about: `missed ${environment} ${word(name)} ${word(location)} ${word(dueAt)}`,
  notice: {
    kind: "synthetic.missed",
    level: "error",
    title: `${environment}: the journey ${word(name)} was not made (from ${word(location)})`,
    text: `It was due at ${word(dueAt)}, and nobody knows how it would have gone.`,
    environment,
    run: null,
    release: (release ?? null) as ReleaseId | null,
    url: null,
    facts: [{ name: "Look", value: `fairway checks synthetics ${environment}` }],
    thread: `journey ${environment} ${word(name)} ${word(location)}`,
  },
});
