/** How an operation is asked: all that a client must know to send it. */
export interface Address {
  readonly method: "GET" | "POST";
  /** With `:name` for parameters. */
  readonly path: string;
}

/**
 * Where each operation of the contract is asked. Apart from the schemas, so that a client need not load them: with them
 * `@fairway/api` takes 110 to 160 ms of processor time to load on a busy machine of two cores, without them 2 to 3 ms.
 */
export const routes = {
  status: { method: "GET", path: "/api/v1/status" },
  environments: { method: "GET", path: "/api/v1/environments" },
  releases: { method: "GET", path: "/api/v1/releases" },
  release: { method: "GET", path: "/api/v1/releases/:release" },
  releaseDiff: { method: "GET", path: "/api/v1/releases/:release/diff" },
  releaseVerification: { method: "GET", path: "/api/v1/releases/:release/verification" },
  releaseSbom: { method: "GET", path: "/api/v1/releases/:release/sboms/:service" },
  releaseProvenance: { method: "GET", path: "/api/v1/releases/:release/provenance" },
  releaseBundle: { method: "GET", path: "/api/v1/releases/:release/sigstore-bundle" },
  signingKeys: { method: "GET", path: "/api/v1/keys" },
  makeRelease: { method: "POST", path: "/api/v1/releases" },
  plan: { method: "GET", path: "/api/v1/environments/:environment/plan" },
  deploy: { method: "POST", path: "/api/v1/environments/:environment/deployments" },
  deployment: { method: "GET", path: "/api/v1/deployments/:run" },
  stop: { method: "POST", path: "/api/v1/environments/:environment/stop" },
  deployments: { method: "GET", path: "/api/v1/deployments" },
  rollbackPlan: { method: "GET", path: "/api/v1/environments/:environment/rollback" },
  rollback: { method: "POST", path: "/api/v1/environments/:environment/rollback" },
  quarantines: { method: "GET", path: "/api/v1/quarantine" },
  quarantine: { method: "POST", path: "/api/v1/quarantine" },
  liftQuarantine: { method: "POST", path: "/api/v1/quarantine/:release/lift" },
  lock: { method: "POST", path: "/api/v1/environments/:environment/lock" },
  unlock: { method: "POST", path: "/api/v1/environments/:environment/unlock" },
  runWorkflow: { method: "POST", path: "/api/v1/workflows/runs" },
  runs: { method: "GET", path: "/api/v1/runs" },
  run: { method: "GET", path: "/api/v1/runs/:run" },
  checks: { method: "GET", path: "/api/v1/runs/:run/checks" },
  analysis: { method: "GET", path: "/api/v1/runs/:run/analysis" },
  approve: { method: "POST", path: "/api/v1/runs/:run/approval" },
  cancel: { method: "POST", path: "/api/v1/runs/:run/cancel" },
  retry: { method: "POST", path: "/api/v1/runs/:run/retry" },
  logs: { method: "GET", path: "/api/v1/logs" },
  logWindow: { method: "GET", path: "/api/v1/logs/window" },
  events: { method: "GET", path: "/api/v1/events" },
  flags: { method: "GET", path: "/api/v1/flags" },
  flag: { method: "GET", path: "/api/v1/environments/:environment/flags/:flag" },
  setFlag: { method: "POST", path: "/api/v1/environments/:environment/flags/:flag" },
  switchFlag: { method: "POST", path: "/api/v1/environments/:environment/flags/:flag/switch" },
  rollOutFlag: { method: "POST", path: "/api/v1/environments/:environment/flags/:flag/rollout" },
  killFlag: { method: "POST", path: "/api/v1/flags/:flag/kill" },
  removeFlag: { method: "POST", path: "/api/v1/environments/:environment/flags/:flag/removal" },
  flagHistory: { method: "GET", path: "/api/v1/environments/:environment/flag-history" },
  staleFlags: { method: "GET", path: "/api/v1/stale-flags" },
  exportFlags: { method: "GET", path: "/api/v1/environments/:environment/flag-set" },
  importFlags: { method: "POST", path: "/api/v1/environments/:environment/flag-set" },
  flagKey: { method: "POST", path: "/api/v1/environments/:environment/flag-key" },
  doctor: { method: "GET", path: "/api/v1/doctor" },
  routerStatus: { method: "GET", path: "/api/v1/router" },
  routerReload: { method: "POST", path: "/api/v1/router/reload" },
  routerUpgrade: { method: "POST", path: "/api/v1/router/upgrade" },
  routerMaintenance: { method: "POST", path: "/api/v1/environments/:environment/services/:service/maintenance" },
  backup: { method: "POST", path: "/api/v1/backups" },
  shutdown: { method: "POST", path: "/api/v1/shutdown" },
} as const satisfies Record<string, Address>;
