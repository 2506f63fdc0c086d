import { approvalRoute } from "./pages/approval/approval-route.ts";
import { auditRoute } from "./pages/audit/audit-route.ts";
import { backupsRoute } from "./pages/backup/backup-route.ts";
import { checkRoute, checksRoute } from "./pages/check/check-route.ts";
import { deploymentRoute, deploymentsRoute } from "./pages/deployment/deployment-route.ts";
import { doraRoute } from "./pages/dora/dora-route.ts";
import { calendarRoute, dutiesRoute, dutyRoute, matrixRoute, readinessRoute } from "./pages/duty/duty-route.ts";
import { homeRoute } from "./pages/home/home-route.ts";
import { incidentRoute, incidentsRoute } from "./pages/incident/incident-route.ts";
import { playbooksRoute } from "./pages/playbook/playbook-route.ts";
import { credentialsRoute } from "./pages/credential/credential-route.ts";
import { educationRoute } from "./pages/education/education-route.ts";
import { runRoute, runsRoute } from "./pages/run/run-route.ts";
import { flagsRoute } from "./pages/flag/flag-route.ts";
import { infrastructureRoute } from "./pages/infrastructure/infrastructure-route.ts";
import { locksRoute } from "./pages/lock/lock-route.ts";
import { migrationsRoute } from "./pages/migration/migration-route.ts";
import { previewsRoute } from "./pages/preview/preview-route.ts";
import { releaseRoute, releasesRoute } from "./pages/release/release-route.ts";
import { schedulesRoute } from "./pages/schedule/schedule-route.ts";
import { settingsRoutes } from "./pages/settings/settings-route.ts";
import { triggersRoute } from "./pages/trigger/trigger-route.ts";
import { rootRoute } from "./root-route.tsx";

/** Every page: one line each, and one import. */
export const routeTree = rootRoute.addChildren([
  homeRoute,
  deploymentsRoute,
  deploymentRoute,
  approvalRoute,
  runsRoute,
  runRoute,
  checksRoute,
  checkRoute,
  releasesRoute,
  releaseRoute,
  previewsRoute,
  flagsRoute,
  triggersRoute,
  schedulesRoute,
  locksRoute,
  infrastructureRoute,
  migrationsRoute,
  doraRoute,
  readinessRoute,
  dutiesRoute,
  dutyRoute,
  calendarRoute,
  matrixRoute,
  backupsRoute,
  credentialsRoute,
  playbooksRoute,
  educationRoute,
  incidentsRoute,
  incidentRoute,
  auditRoute,
  settingsRoutes,
]);
