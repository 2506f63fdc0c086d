import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Annotation } from "@fairway/workflow";

/** What a step of a workflow says beside its log. */
export interface StepFindings {
  readonly annotations: readonly Annotation[];
  /** Markdown, in the order of the steps inside it. */
  readonly summaries: readonly string[];
}

const pathIn = (stepDirectory: string): string => join(stepDirectory, "findings.json");

/** Keeps what a step found beside its log; nothing where it found nothing. May be repeated. */
export async function keepFindings(stepDirectory: string, findings: StepFindings): Promise<void> {
  if (findings.annotations.length + findings.summaries.length === 0) return;
  const path = pathIn(stepDirectory);
  await mkdir(stepDirectory, { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(findings), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
