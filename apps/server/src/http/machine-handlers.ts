import type { AuditAction, NewAuditEntry } from "@fairway/core";
import { scopeOf } from "@fairway/core";
import type { Store } from "@fairway/engine";
import { recordChange } from "@fairway/engine";
import type { MadeBackup } from "../database.ts";
import type { DoctorParts } from "../doctor.ts";
import { examine } from "../doctor.ts";
import type { RouterControl } from "../router-control.ts";
import type { Handlers } from "./http-server.ts";

/** What is needed to operate the machine. */
export interface MachineHandlerParts extends DoctorParts {
  readonly store: Store;
  readonly router: RouterControl;
  readonly backup: (directory: string, keyFile: string | null) => Promise<MadeBackup>;
  readonly shutdown: (keepServices: boolean) => void;
}

type MachineOperations =
  | "doctor"
  | "routerStatus"
  | "routerReload"
  | "routerUpgrade"
  | "routerMaintenance"
  | "backup"
  | "shutdown";

/** What is asked of the machine, its router and its daemon. What changes no row of its own is put on record when it is done. */
export function machineHandlers(parts: MachineHandlerParts): Pick<Handlers, MachineOperations> {
  const { store, router } = parts;
  const note = (action: AuditAction, subject: string, more: Partial<NewAuditEntry> = {}): Promise<void> =>
    store.transaction(async (tx) => recordChange(tx, action, { subject, environment: null, ...more }));
  return {
    doctor: async () => [...(await examine(parts))],
    routerStatus: () => router.status(),
    routerReload: async () => {
      const reloaded = await router.reload();
      await note("router.reloaded", "router");
      return reloaded;
    },
    routerUpgrade: async (settings) => {
      const upgraded = await router.upgrade(settings);
      const { workers = null, accessLogSample = null } = settings;
      await note("router.upgraded", "router", { detail: { workers, accessLogSample } });
      return upgraded;
    },
    routerMaintenance: async ({ environment, service, message }) => {
      await router.maintain(scopeOf(environment, service), message === null ? null : { message });
      await note("router.maintenance", service, { environment, detail: { message } });
      return { message };
    },
    backup: async ({ directory, keyFile }) => {
      const made = await parts.backup(directory, keyFile);
      await note("backup.made", directory, { detail: { keys: made.keys, withKey: keyFile !== null } });
      return { ...made, keys: [...made.keys] };
    },
    shutdown: async ({ keepServices }) => {
      await note("daemon.stopped", "daemon", { detail: { keepServices } });
      parts.shutdown(keepServices);
      return { ended: true as const };
    },
  };
}
