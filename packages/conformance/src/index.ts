export * from "./chance.ts";
export * from "./crashes.ts";
export * from "./driven-world.ts";
export * from "./memory-host.ts";
export * from "./memory-router.ts";
export * from "./rolling-platform.ts";
export * from "./sentinels.ts";
export * from "./target-suite.ts";
