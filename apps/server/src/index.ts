export { openDaemon, type Daemon } from "./daemon.ts";
export { rememberedOptions } from "./remembered-options.ts";
export {
  flagsOf,
  daemonOptions,
  defaultPorts,
  usualOptions,
  type Remembered,
  type DaemonOptions,
  type WrittenDaemonOptions,
} from "./daemon-options.ts";
export { readDaemonRecord, type DaemonRecord } from "./daemon-lock.ts";
export { withFreePorts } from "./free-ports.ts";
export { findDaemon, startDaemon, type RunningDaemon } from "./start-daemon.ts";
export { systemdUnit, type UnitFacts } from "./systemd-unit.ts";
export { endLeftovers, type Leftovers } from "./end-leftovers.ts";
export { restoreData } from "./restore-data.ts";
export { verifyBundle, verifySeal } from "@fairway/engine";
export { verifyExport, type ExportEvidence } from "./verify-export.ts";
export type { Handlers } from "./http/http-server.ts";
