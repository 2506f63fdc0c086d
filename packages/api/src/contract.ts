import { analysisOperations } from "./contract/analysis-operations.ts";
import { auditOperations } from "./contract/audit-operations.ts";
import { contractOperations } from "./contract/contract-operations.ts";
import { contentOperations } from "./contract/content-operations.ts";
import { deploymentOperations } from "./contract/deployment-operations.ts";
import { doraOperations } from "./contract/dora-operations.ts";
import { backupOperations } from "./contract/backup-operations.ts";
import { dutyOperations } from "./contract/duty-operations.ts";
import { accessReviewOperations } from "./contract/access-review-operations.ts";
import { dutyRunOperations } from "./contract/duty-run-operations.ts";
import { environmentOperations } from "./contract/environment-operations.ts";
import { flagOperations } from "./contract/flag-operations.ts";
import { gateOperations } from "./contract/gate-operations.ts";
import { homeOperations } from "./contract/home-operations.ts";
import { checkOperations } from "./contract/check-operations.ts";
import { incidentOperations } from "./contract/incident-operations.ts";
import { infrastructureOperations } from "./contract/infrastructure-operations.ts";
import { journeyOperations } from "./contract/journey-operations.ts";
import { logOperations } from "./contract/log-operations.ts";
import { loginOperations } from "./contract/login-operations.ts";
import { machineOperations } from "./contract/machine-operations.ts";
import { migrationOperations } from "./contract/migration-operations.ts";
import { noticeOperations } from "./contract/notice-operations.ts";
import { accessOperations } from "./contract/access-operations.ts";
import { controllerOperations } from "./contract/controller-operations.ts";
import { pauseOperations } from "./contract/pause-operations.ts";
import { peopleOperations } from "./contract/people-operations.ts";
import { previewOperations } from "./contract/preview-operations.ts";
import { releaseOperations } from "./contract/release-operations.ts";
import { rollbackOperations } from "./contract/rollback-operations.ts";
import { runOperations } from "./contract/run-operations.ts";
import { secretOperations } from "./contract/secret-operations.ts";
import { triggerOperations } from "./contract/trigger-operations.ts";
import type { Route } from "./route.ts";

/** Every operation there is. The order is that of the reference. */
export const contract = {
  ...homeOperations,
  ...environmentOperations,
  ...releaseOperations,
  ...deploymentOperations,
  ...accessOperations,
  ...controllerOperations,
  ...pauseOperations,
  ...rollbackOperations,
  ...migrationOperations,
  ...flagOperations,
  ...checkOperations,
  ...journeyOperations,
  ...contractOperations,
  ...infrastructureOperations,
  ...runOperations,
  ...gateOperations,
  ...triggerOperations,
  ...previewOperations,
  ...analysisOperations,
  ...doraOperations,
  ...dutyOperations,
  ...backupOperations,
  ...dutyRunOperations,
  ...accessReviewOperations,
  ...incidentOperations,
  ...contentOperations,
  ...logOperations,
  ...noticeOperations,
  ...loginOperations,
  ...peopleOperations,
  ...secretOperations,
  ...auditOperations,
  ...machineOperations,
} as const satisfies Record<string, Route>;

export type Contract = typeof contract;
export type OperationName = keyof Contract;
