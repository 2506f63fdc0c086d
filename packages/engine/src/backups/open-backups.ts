import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { AuditControl } from "../audit/audit-control.ts";
import type { ControlOptions } from "../control/control.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import type { Store } from "../store/store.ts";
import type { BackupControl } from "./backup-control.ts";
import { backupControl } from "./backup-control.ts";
import { baseBackups, baseBackupsBegin } from "./base-backups.ts";
import { ownDrill } from "./own-drill.ts";

export interface OpenBackupsParts {
  readonly options: ControlOptions;
  readonly store: Store;
  readonly duties: DutyControl;
  readonly audit: AuditControl;
  readonly closing: AbortSignal;
}

/** Each is whole, so a few. */
const keep = 3;

/** Backups of the daemon's own database, where it is embedded. */
export function openBackups({ options, store, duties, audit, closing }: OpenBackupsParts): BackupControl {
  const { data, keyKeepers, backUp, log } = options;
  return backupControl({
    ...{ store, duties, closing, clock: cronClock, now: Date.now },
    tell: (message) => log("warn", message),
    claims: (repository) => repository.startsWith(baseBackupsBegin),
    own:
      backUp === undefined
        ? null
        : {
            repository: baseBackups({
              directory: data.backups,
              make: backUp,
              opens: async (keeper) => (await keyKeepers.byId(keeper)) !== null,
              keep,
            }),
            drill: ownDrill({ store, audit, databaseDirectory: data.database }),
            places: join(data.root, "drills"),
          },
  });
}
