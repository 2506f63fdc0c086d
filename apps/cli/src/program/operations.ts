import { accessCommands, vendorCommands } from "./access-commands.ts";
import { backupCommands } from "./backup-commands.ts";
import { contentCommands } from "./content-commands.ts";
import { dutyCommands } from "./duty-commands.ts";
import type { Entry } from "./entry.ts";
import { incidentCommands } from "./incident-commands.ts";
import { credentialCommands, playbookCommands } from "./playbook-commands.ts";

/** What those who run production owe, and the evidence of it. */
export const operations: readonly Entry[] = [
  ...dutyCommands,
  ...backupCommands,
  incidentCommands,
  ...contentCommands,
  credentialCommands,
  playbookCommands,
  accessCommands,
  vendorCommands,
];
