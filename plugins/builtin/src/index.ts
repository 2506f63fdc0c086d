export * from "./env-file-secrets.ts";
export * from "./git-repository.ts";
export * from "./haproxy-process.ts";
export * from "./haproxy-router.ts";
export * from "./local-router.ts";
export * from "./port-owner.ts";
export * from "./process-host/process-host.ts";
export * from "./router-process.ts";
