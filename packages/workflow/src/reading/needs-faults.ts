import type { Job } from "../model/job.ts";
import type { Findings } from "./findings.ts";

/** Reports needs that nothing can meet: a job that is not there, one named twice, a circle. The words are GitHub's. */
export function findCycles(jobs: readonly Job[], findings: Findings): void {
  const byId = new Map(jobs.map((job) => [job.id.toLowerCase(), job]));
  for (const job of jobs) {
    const seen = new Set<string>();
    for (const { id, place } of job.needs) {
      const need = byId.get(id.toLowerCase());
      if (need === undefined) findings.add(place, `Job '${job.id}' depends on unknown job '${id}'.`);
      else if (reaches(need, job, byId)) {
        findings.add(place, `Job '${job.id}' depends on job '${id}' which creates a cycle in the dependency graph.`);
      }
      if (seen.has(id.toLowerCase())) findings.add(place, `Job '${job.id}' names '${id}' twice in its needs.`);
      seen.add(id.toLowerCase());
    }
  }
}

function reaches(from: Job, to: Job, byId: ReadonlyMap<string, Job>): boolean {
  const seen = new Set<Job>();
  const open = [from];
  for (let job = open.pop(); job !== undefined; job = open.pop()) {
    if (job === to) return true;
    if (seen.has(job)) continue;
    seen.add(job);
    for (const { id } of job.needs) {
      const need = byId.get(id.toLowerCase());
      if (need !== undefined) open.push(need);
    }
  }
  return false;
}
