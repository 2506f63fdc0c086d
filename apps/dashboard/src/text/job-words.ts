import { capital } from "./capital.ts";

const stages: Readonly<Record<string, string>> = {
  approval: "Approval",
  notice: "Notice",
  lock: "Its turn",
  begin: "Begin",
  rollout: "Rollout",
  verify: "Verify",
  bake: "Bake",
  restore: "Bring back",
  finish: "Record",
  retire: "Take away",
  migrate: "Migrations",
  contract: "Migrations after",
  check: "Check",
  build: "Build",
  prepare: "Prepare",
  release: "Release",
};

/** What a job is called for people: what it is about, and the kind of work. */
export function jobWords({ name, stage }: { readonly name: string; readonly stage: string }): {
  readonly title: string;
  readonly kind: string;
} {
  const kind = stages[stage] ?? capital(stage.replaceAll("-", " "));
  const about = /^[a-z-]+:(.+)$/s.exec(name)?.[1];
  return about === undefined ? { title: stages[name] ?? capital(name), kind: "" } : { title: about, kind };
}
