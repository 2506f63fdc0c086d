export * from "./reading/plan-json.ts";
export * from "./reading/read-plan.ts";
export * from "./reading/contested-fields.ts";
export * from "./drift/classify-drift.ts";
export * from "./stack/diagnostics.ts";
export * from "./stack/terraform.ts";
export * from "./stack/command-stack.ts";
export * from "./rendering/plan-markdown.ts";
