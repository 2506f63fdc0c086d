import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Release, ReleaseId, Repository, SecretSource, Sha } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyStages } from "../duty-runs/duty-run-plan.ts";
import type { ScanInput } from "../duty-runs/duty-run-plan.ts";
import type { IncidentWish } from "../incidents/incident-control.ts";
import { openIncident } from "../incidents/incident-control.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { secretFacts } from "../store/secrets.ts";
import { evidenceAbout, recordEvidence } from "../store/duty-records.ts";
import type { Store, Transaction } from "../store/store.ts";
import type { KnownValue } from "./known-values.ts";
import type { Finding } from "./scan-text.ts";

/** What commits are scanned with. */
export interface ScanStageParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Pick<Repository, "checkout">;
  readonly secrets: SecretSource;
  readonly duties: Pick<DutyControl, "inForce">;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly nameSecret: (environment: string, name: string, value: string) => string;
}

type Scanned = { readonly findings: readonly Finding[]; readonly files: number; readonly bytes: number };

const hours = 3_600_000;
const mostTold = 200;

/**
 * Looks for keys in all files of a commit. One that Fairway knows opens an incident and has to be exchanged within 24 hours; what is
 * kept of any is where it stands, and never the key.
 */
export const scanStage = (parts: ScanStageParts): Stage => ({
  name: dutyStages.scan,
  async run(attempt: Attempt): Promise<Outcome> {
    const { sha: commit, release } = attempt.input as unknown as ScanInput;
    const sha = release === null ? commit : (await parts.releaseOf(release)).revision.sha;
    attempt.progress(`scanning ${sha.slice(0, 12)}`);
    const scanned = (await attempt.step("scan", async () =>
      asJson(await scanCommit(parts, attempt, sha)),
    )) as unknown as Scanned;
    const { findings, files, bytes } = scanned;
    if (findings.length === 0) return { outcome: "succeeded", result: { sha, files, bytes, findings: 0 } };
    const leaked = findings.filter(({ credential }) => credential !== null);
    if (leaked.length > 0)
      await attempt.step("tell", async () => {
        await tellLeaks(parts, leaked, { release, at: Date.now() });
        return null;
      });
    const lines = findings.map(
      ({ path, line, rule, credential }) =>
        `${path}:${line} ${credential === null ? rule : `the value of ${credential}`}`,
    );
    const result = { sha, files, bytes, findings: findings.length };
    return { outcome: "failed", reason: `${findings.length} found: ${lines.join("\n")}`, result };
  },
});

async function scanCommit(parts: ScanStageParts, { run }: Attempt, sha: Sha): Promise<Scanned> {
  const folder = parts.data.workspace(run, "scan");
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  try {
    await parts.repository.checkout(sha, folder);
    const [{ openScanner }, { knownValues }, { scanFiles }] = await Promise.all([
      import("./scan-text.ts"),
      import("./known-values.ts"),
      import("./scan-files.ts"),
    ]);
    const known = knownValues(await valuesOf(parts));
    const nameOf = (value: string): string => parts.nameSecret("scan", "finding", value);
    const { findings, ...counted } = await scanFiles(await openScanner({ known, nameOf }), folder, null);
    // Keys that are known to open something come first, and none of them is left out.
    const leaked = findings.filter(({ credential }) => credential !== null);
    const likely = findings.filter(({ credential }) => credential === null);
    return { ...counted, findings: [...leaked, ...likely.slice(0, Math.max(0, mostTold - leaked.length))] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every value that the store can give, by the name of its credential or else of its secret. */
async function valuesOf({ store, secrets, duties }: ScanStageParts): Promise<readonly KnownValue[]> {
  const { plan } = await duties.inForce();
  const stored = (await secretFacts(store)).map(({ environment, name }) => ({ environment: environment ?? "", name }));
  const listed = (plan.credentials ?? []).flatMap(({ store: name, environments }) =>
    name === null ? [] : environments.map((environment) => ({ environment, name })),
  );
  const asked = new Map<string, Set<string>>();
  for (const { environment, name } of [...stored, ...listed])
    asked.set(environment, (asked.get(environment) ?? new Set()).add(name));
  const found: KnownValue[] = [];
  for (const [environment, names] of asked)
    for (const [name, value] of Object.entries(await secrets.lookUp(environment, [...names]))) {
      const credential = plan.credentials?.find(
        (one) => one.store === name && (environment === "" || one.environments.includes(environment)),
      );
      found.push({ value, credential: `${credential?.id ?? name}@${environment === "" ? "*" : environment}` });
    }
  return found;
}

/** Opens an incident for each key, once, and says of its exchange that it is owed within a day. */
async function tellLeaks(
  { store, duties }: ScanStageParts,
  leaked: readonly Finding[],
  { release, at }: { readonly release: ReleaseId | null; readonly at: number },
): Promise<void> {
  const { plan } = await duties.inForce();
  const until = new Date(at + 24 * hours).toISOString();
  for (const [credential, found] of grouped(leaked)) {
    const [first] = found;
    if (first === undefined) continue;
    const environment = credential.slice(credential.lastIndexOf("@") + 1);
    const id = `credential/${credential}:rotate`;
    const duty = plan.duties.find((one) => one.id === id);
    // Together, so that no kill leaves an incident without its term.
    await store.transaction(async (tx) => {
      const incident = await incidentOf(tx, `leak/${credential}/${first.fingerprint}`, {
        title: `the value of ${credential} stands in ${first.path}:${first.line}; exchange it until ${until}`,
        environment: environment === "*" ? null : environment,
        release,
        ...{ impact: "degraded", scope: "all" },
      });
      if (duty === undefined) return;
      const told = await evidenceAbout(tx, { duty: id, release: null, limit: 100 });
      if (told.some(({ facts }) => facts["incident"] === incident)) return;
      recordEvidence(tx, {
        ...{ duty: id, environment: duty.environment, release: null, outcome: "failed", automation: "scan" },
        note: `it stands in ${first.path}:${first.line}: exchange it until ${until} (${incident})`,
        facts: { rotation_due: until, incident },
        observedAt: new Date(at).toISOString(),
        ...{ artifacts: [], digest: duty.digest, validUntil: null, slot: null, corrects: null, commit: plan.commit },
      });
    });
  }
}

/** The incident of a leak: the one that is open, or a new one. One that is closed says nothing of what is found after. */
async function incidentOf(tx: Transaction, key: string, wish: Omit<IncidentWish, "key">): Promise<string> {
  const times = await tx.rows<{ number: number; open: boolean }>(
    `select number::float8 as number, closed_at is null as open from fairway.incidents
     where key = $1 or starts_with(key, $1 || '/') order by number desc`,
    [key],
  );
  const open = times.find((one) => one.open);
  const number =
    open?.number ?? (await openIncident(tx, { ...wish, key: times.length === 0 ? key : `${key}/${times.length + 1}` }));
  if (number === null)
    throw new FairwayError("version_conflict", "somebody else opened the same incident just now", { retryable: true });
  return `i${number}`;
}

function grouped(leaked: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const one of leaked) groups.set(one.credential ?? "", [...(groups.get(one.credential ?? "") ?? []), one]);
  return groups;
}
