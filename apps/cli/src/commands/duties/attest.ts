import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

interface AttestOptions extends GlobalOptions {
  readonly outcome?: "passed" | "failed" | "partial" | "skipped";
  readonly note?: string;
  readonly fact?: readonly string[];
  readonly artifact?: readonly string[];
  readonly automation?: string;
  readonly at?: string;
  readonly until?: string;
  readonly corrects?: string;
  readonly release?: string;
}

/** `fairway duties attest`. */
export async function attestDuty([duty = ""]: readonly string[], options: AttestOptions): Promise<void> {
  const artifacts = await Promise.all((options.artifact ?? []).map(artifactAt));
  const client = await daemonClient(options);
  const found = await client.call("attestDuty", {
    by: whoAsks(),
    duty,
    outcome: options.outcome ?? "passed",
    note: options.note ?? "",
    facts: factsFrom(options.fact ?? []),
    artifacts,
    automation: options.automation ?? null,
    release: options.release ?? null,
    validUntil: options.until === undefined ? null : momentOf(options.until),
    corrects: options.corrects === undefined ? null : Number(options.corrects),
    ...(options.at === undefined ? {} : { observedAt: momentOf(options.at) }),
  });
  if (options.json) return printJson(found);
  print(`${harmless(found.id)} is ${found.state}: ${harmless(found.why)}`);
}

/** `rto_seconds=412` → a number, anything else a text. Throws `bad_request`. */
export function factsFrom(written: readonly string[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    written.map((one) => {
      const at = one.indexOf("=");
      if (at < 1)
        throw new FairwayError("bad_request", `${JSON.stringify(one)} is no fact`, {
          hint: "write --fact rto_seconds=412",
        });
      const value = one.slice(at + 1);
      const isNumber = /^-?\d+(\.\d+)?$/.test(value);
      return [
        one.slice(0, at),
        isNumber ? Number(value) : value === "true" || value === "false" ? value === "true" : value,
      ];
    }),
  );
}

async function artifactAt(path: string): Promise<{ name: string; sha256: string; bytes: number }> {
  const bytes = await readFile(path).catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `could not read ${path}: ${messageOf(thrown)}`);
  });
  return { name: basename(path), sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}

function momentOf(written: string): string {
  const at = new Date(written);
  if (/^\d{4}-\d{2}-\d{2}/.test(written) && !Number.isNaN(at.getTime())) return at.toISOString();
  throw new FairwayError("bad_request", `${JSON.stringify(written)} is no moment`, {
    hint: "write 2026-11-22T10:00:00Z",
  });
}
