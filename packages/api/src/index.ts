export * from "./check-shapes.ts";
export * from "./client.ts";
export * from "./contract.ts";
export * from "./open-api.ts";
export * from "./release-shapes.ts";
export * from "./route.ts";
export * from "./routes.ts";
export * from "./shapes.ts";
