import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { SecretSource } from "@fairway/core";
import { usualSeverities } from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import { openBackups } from "../backups/open-backups.ts";
import { projectBackups } from "../backups/project-backups.ts";
import { contentControl } from "../content/content-control.ts";
import { operationsWriting } from "../content/operations-writing.ts";
import { dutyRunControl } from "../duty-runs/duty-run-control.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { quarterSeal } from "../exports/quarter-seal.ts";
import { releaseBundle } from "../exports/release-bundle.ts";
import { incidentControl } from "../incidents/incident-control.ts";
import { intercomIntake } from "../incidents/intake.ts";
import type { SigningKey } from "../provenance/signing-key.ts";
import type { deploymentsIn } from "../store/deployments.ts";
import { releasesUnshown } from "../store/duty-records.ts";
import type { Store } from "../store/store.ts";
import type { Control, ControlOptions } from "./control.ts";

/** What operations are opened with. */
export interface OperationsParts {
  readonly options: ControlOptions;
  readonly store: Store;
  readonly duties: DutyControl;
  readonly secrets: SecretSource;
  readonly releaseOf: Control["releaseOf"];
  readonly deployments: ReturnType<typeof deploymentsIn>;
  readonly startRun: Parameters<typeof dutyRunControl>[0]["startRun"];
  readonly audit: AuditControl;
  readonly key: SigningKey;
  readonly closing: AbortSignal;
}

/** All that is owed beside releases: what runs duties, looks at content, backs up and restores, keeps incidents and exports. */
export type Operations = Pick<
  Control,
  "dutyRuns" | "content" | "backups" | "projectBackups" | "bundle" | "sealOf" | "incidents" | "intake" | "writing"
>;

/** Opens what operations ask of a daemon. */
export function openOperations({ options, store, duties, secrets, releaseOf, ...parts }: OperationsParts): Operations {
  const { audit, key, closing } = parts;
  const { data, repository } = options;
  const inForce = async () => (await duties.inForce()).plan;
  const scratch = join(data.root, "work");
  const now = Date.now;
  return {
    dutyRuns: dutyRunControl({
      ...{ duties, startRun: parts.startRun, clock: cronClock, now },
      unshown: (duty, since) => releasesUnshown(store, duty, since),
    }),
    content: contentControl({ store, repository, duties, releaseOf, scratch, now }),
    backups: openBackups({ options, store, duties, audit, closing }),
    projectBackups: projectBackups({
      ...{ store, duties, secrets, clock: cronClock, now, closing, releaseOf },
      ...{ places: join(data.root, "drills"), artifacts: data.artifacts },
      current: parts.deployments.current,
      openManaged: options.openManagedBackups ?? null,
      tell: (message) => options.log("warn", message),
    }),
    bundle: (release) =>
      releaseBundle({ store, audit, signer: key, plan: async () => (await duties.inForce()).written }, release),
    sealOf: (quarter) => quarterSeal({ store, audit, signer: key }, quarter),
    incidents: incidentControl(store, async () => (await inForce()).severities ?? usualSeverities),
    intake: intercomIntake({ store, secrets, plan: inForce }),
    writing: operationsWriting({ store, repository, duties, scratch, now }),
  };
}
