import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { KeyKeepers, Project } from "@fairway/core";
import type { Control, DataDirectory, DoctorFacts, Store } from "@fairway/engine";
import { controlFigures, doctorFacts } from "@fairway/engine";
import { certificateProblems } from "./certificates.ts";
import { keyProblems } from "./key-problems.ts";
import type { Found } from "./machine-findings.ts";
import { fine } from "./machine-findings.ts";
import * as judge from "./own-findings.ts";
import type { RouterControl } from "./router-control.ts";

/** What a look at Fairway itself needs. */
export interface OwnParts {
  readonly store: Store;
  readonly control: Control;
  readonly data: DataDirectory;
  readonly keepers: KeyKeepers;
  readonly router: Pick<RouterControl, "status">;
  readonly people: { loginNeeded(): boolean };
  readonly stepsUser: string | undefined;
  /** Private places that the operator lets the configuration's addresses lead to. */
  readonly allowPrivate: string | undefined;
  /** Throws when the engine that is configured does not answer; null where none is. */
  readonly engineVersion: () => Promise<string | null>;
}

/** What is looked at of Fairway itself, by name. Each look may throw, which is a finding too. */
export function ownLooks(parts: OwnParts): readonly (readonly [string, () => Promise<Found>])[] {
  const { store, control, data } = parts;
  const figures = once(() => controlFigures(store));
  const facts = once(() => doctorFacts(store));
  const from =
    <Part extends keyof DoctorFacts>(part: Part, found: (fact: DoctorFacts[Part]) => Found) =>
    async (): Promise<Found> =>
      found((await facts())[part]);
  return [
    ["durability", from("durable", judge.durabilityFinding)],
    ["connections", from("connections", judge.connectionsFinding)],
    ["queue", async () => judge.queueFinding(await figures())],
    ["runs", from("attention", judge.attentionFinding)],
    ["notices", async () => judge.outboxFinding(await control.notices.problems(), (await figures()).notices.waiting)],
    ["forge", async () => judge.outboxFinding(await control.reports.problems(), (await figures()).reports.waiting)],
    ["webhooks", async () => judge.webhooksFinding((await figures()).deliveries, (await facts()).oldestWebhook)],
    ["triggers", from("failedFirings", judge.triggersFinding)],
    ["drift", async () => judge.driftFinding((await figures()).drift)],
    ["sealing key", () => sealingKey(parts)],
    ["audit", () => audit(parts)],
    ["audit heads", () => heads(parts)],
    ["signing key", async () => judge.privateFinding(data.signing, await openOnes(data.signing))],
    ["secret files", async () => judge.privateFinding(data.secrets, await openOnes(data.secrets, ".env"))],
    ["certificates", async () => certificates(parts)],
    ["backup", from("lastBackup", (at) => judge.backupFinding(at, Date.now(), Boolean(process.env["DATABASE_URL"])))],
    ["people", from("people", (people) => judge.peopleFinding(people, parts.people.loginNeeded()))],
    ["tokens", from("endingTokens", judge.tokensFinding)],
    ["commands", async () => judge.stepsFinding(process.getuid?.() ?? null, parts.stepsUser)],
    ["outgoing", async () => judge.outgoingFinding(parts.allowPrivate, privateNames(await control.project()))],
    ["containers", () => containers(parts)],
    ["memory", async () => judge.memoryFinding(await availableMemory())],
  ];
}

/** What of a configuration says of itself that it is at a private address. */
const privateNames = (project: Project | null): readonly string[] => [
  ...(project?.notices ?? [])
    .filter(({ allowPrivate }) => allowPrivate.length > 0)
    .map(({ name }) => `notices.${name}`),
  ...(project?.forge?.kind === "github" && project.forge.allowPrivate.length > 0 ? ["forge.github"] : []),
];

/** Asked by several looks, answered once. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  return () => (asked ??= ask());
}

async function sealingKey({ store, keepers, control }: OwnParts): Promise<Found> {
  const problems = await keyProblems(store, keepers);
  const bring = "bring the key back from where it is kept apart; see docs/how-to/secrets.md";
  if (problems.length > 0) return { state: "problem", message: problems.join("; "), action: bring };
  // Modes and places are looked at whenever a key is read.
  const opened = await control.secrets.probe();
  if (opened === null) return fine(`nothing is sealed yet; the key would be in ${keepers.place}`);
  const where = opened.environment === "" ? "all environments" : opened.environment;
  return fine(`opens the newest secret (${opened.name} of ${where}); it is in ${keepers.place}`);
}

/** More would take longer than somebody waits for a doctor. */
const mostVerified = 300_000;

async function audit({ control, store }: OwnParts): Promise<Found> {
  const { auditRows } = await doctorFacts(store);
  if (auditRows > mostVerified) return fine(`${auditRows} rows, too many to look at here: fairway audit verify`);
  const { whole, rows, problem } = await control.audit.verify();
  return whole
    ? fine(`all ${rows} rows are as they were written`)
    : { state: "problem", message: problem ?? "it is not whole", action: "see: fairway audit verify" };
}

async function heads({ control }: OwnParts): Promise<Found> {
  await control.audit.vouch();
  const trouble = control.audit.trouble();
  if (trouble !== null)
    return { state: "problem", message: trouble, action: "see what happened: fairway audit verify" };
  return fine(`signed in ${control.audit.headsIn}; copy that file to another machine`);
}

async function certificates({ router }: OwnParts): Promise<Found> {
  const { certificates: all } = await router.status();
  return judge.certificatesFinding(certificateProblems(all, Date.now()), all.length);
}

async function containers({ engineVersion }: OwnParts): Promise<Found> {
  const version = await engineVersion();
  return fine(version === null ? "no engine is configured" : `the engine answers, version ${version}`);
}

/**
 * Of a folder's files those that others than their owner may read or write, with the folder itself; none where there is none.
 */
async function openOnes(folder: string, ending = ""): Promise<readonly string[]> {
  const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
  const files = names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  const found = await Promise.all(files.map(async (path) => (((await stat(path)).mode & 0o077) === 0 ? [] : [path])));
  return found.flat();
}

async function availableMemory(): Promise<number | null> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(text) ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
