export * from "./aws-uses.ts";
export * from "./open-aws.ts";
