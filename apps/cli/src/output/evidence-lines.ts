import type { DeploymentDetail, EvidenceShape, OutcomeShape } from "@fairway/api";
import { exitWords, outcomeWords, sightingWords } from "@fairway/core";
import { bold, dim, fit, harmless, markOf, wrap } from "./terminal.ts";

/** How a deployment ended, as one sentence that is never cut. */
export function outcomeLines(outcome: OutcomeShape, width: number): readonly string[] {
  const mark = markOf(outcome.outcome === "deployed" ? "succeeded" : isLost(outcome) ? "errored" : "failed");
  return wrap(outcomeWords(outcome), width, "  ").map((line, at) => (at === 0 ? `${mark} ${line.slice(2)}` : line));
}

const isLost = ({ outcome, restored }: OutcomeShape): boolean =>
  restored === false || outcome === "stalled" || outcome === "unknown";

/** What failed replicas left: all of it, or the essential `most` lines. */
export function evidenceLines(
  evidence: readonly EvidenceShape[],
  width: number,
  most: number = Infinity,
): readonly string[] {
  const all = evidence.flatMap((one) => replicaLines(one, width, most));
  return all.slice(0, most);
}

const shortLog = 8;

function replicaLines(one: EvidenceShape, width: number, most: number): readonly string[] {
  const isShort = most !== Infinity;
  const health = isShort ? one.health.slice(-1) : one.health;
  const log = isShort ? one.log.slice(-shortLog) : one.log;
  const text = (line: string): string => fit(`    ${harmless(line)}`, width);
  return [
    fit(`${bold(harmless(one.replica))}  ${harmless(howItEnded(one))}`, width),
    ...health.map((seen) => fit(`  health ${isShort ? "" : `${seen.at} `}${harmless(sightingWords(seen))}`, width)),
    ...(one.logWithheld === null ? [] : wrap(harmless(one.logWithheld), width, "  ")),
    ...(log.length === 0 ? [] : [dim(`  its last ${log.length === 1 ? "line" : `${log.length} lines`}:`)]),
    ...log.map(text),
  ];
}

/** By its exit; one that was given up while it ran, by what its host said. */
const howItEnded = ({ exit, reason }: EvidenceShape): string =>
  exit === null ? (reason?.split("\n")[0] ?? "given up") : exitWords(exit);

/** One deployment, as `fairway deployments show` shows it. */
export function deploymentLines(deployment: DeploymentDetail, width: number): readonly string[] {
  const { run, environment, release, from, reason, state, outcome, why, attention, evidence } = deployment;
  const what = from === null ? release : `${from} → ${release}`;
  return [
    fit(`${bold(run)}  ${harmless(environment)}  ${what}  ${reason}`, width),
    ...(outcome === null ? [`${markOf(state)} ${state}`] : outcomeLines({ ...deployment, outcome }, width)),
    ...(attention === null
      ? []
      : [
          ...wrap(`needs attention: ${harmless(attention.why)}`, width, "  "),
          ...wrap(`→ ${harmless(attention.action)}`, width, "  "),
        ]),
    ...(why === null ? [] : ["", ...why.split("\n").map((line) => fit(harmless(line), width))]),
    ...evidence.flatMap((one) => ["", ...replicaLines(one, width, Infinity)]),
  ];
}
