export * from "./local-router.ts";
export * from "./port-owner.ts";
export * from "./router-process.ts";
