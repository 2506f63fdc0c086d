import type { Duty, ReleaseId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import { placeOfLeak } from "../duties/leaked-values.ts";
import type { IncidentWish } from "../incidents/incident-control.ts";
import { openIncident } from "../incidents/incident-control.ts";
import { evidenceAbout, recordEvidence } from "../store/duty-records.ts";
import { secretFacts } from "../store/secrets.ts";
import type { Store, Transaction } from "../store/store.ts";
import type { Finding } from "./scan-text.ts";

/** A value of a credential that stands where it should not. */
export type Leak = Pick<Finding, "path" | "line" | "fingerprint" | "credential">;

const hours = 3_600_000;

/** Opens an incident for each key, once, and says of its exchange that it is owed within a day. */
export async function tellLeaks(
  { store, duties }: { readonly store: Store; readonly duties: Pick<DutyControl, "inForce"> },
  leaked: readonly Leak[],
  { release, at }: { readonly release: ReleaseId | null; readonly at: number },
): Promise<void> {
  const { plan } = await duties.inForce();
  const stored = await secretFacts(store);
  const until = new Date(at + 24 * hours).toISOString();
  for (const [credential, found] of grouped(leaked)) {
    const [first] = found;
    if (first === undefined) continue;
    const environment = credential.slice(credential.lastIndexOf("@") + 1);
    const exchanges = exchangesOf(credential, plan.duties);
    // Together, so that no kill leaves an incident without its term.
    await store.transaction(async (tx) => {
      const incident = await incidentOf(tx, `leak/${credential}/${first.fingerprint}`, {
        title: `the value of ${credential} stands in ${first.path}:${first.line}; exchange it until ${until}`,
        environment: environment === "*" ? null : environment,
        release,
        ...{ impact: "degraded", scope: "all" },
      });
      for (const { id: duty, environment: of, digest } of exchanges) {
        const told = await evidenceAbout(tx, { duty, release: null, limit: 100 });
        if (told.some(({ facts }) => facts["incident"] === incident)) continue;
        recordEvidence(tx, {
          ...{ duty, environment: of, release: null, outcome: "failed", automation: "scan" },
          note: `it stands in ${first.path}:${first.line}: exchange it until ${until} (${incident})`,
          facts: { rotation_due: until, incident, ...placeOfLeak(duty, of, plan.credentials ?? [], stored) },
          observedAt: new Date(at).toISOString(),
          ...{ artifacts: [], digest, validUntil: null, slot: null, corrects: null, commit: plan.commit },
        });
      }
    });
  }
}

/** What is owed of a credential's exchange: a value that every environment has is exchanged in each. */
const exchangesOf = (credential: string, duties: readonly Duty[]): readonly Duty[] => {
  const everywhere = credential.endsWith("@*");
  const [begin, end] = [`credential/${everywhere ? credential.slice(0, -1) : credential}`, ":rotate"];
  return duties.filter(({ id }) => (everywhere ? id.startsWith(begin) && id.endsWith(end) : id === `${begin}${end}`));
};

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

function grouped(leaked: readonly Leak[]): ReadonlyMap<string, readonly Leak[]> {
  const groups = new Map<string, Leak[]>();
  for (const one of leaked) groups.set(one.credential ?? "", [...(groups.get(one.credential ?? "") ?? []), one]);
  return groups;
}
