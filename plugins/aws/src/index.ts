export * from "./open-aws.ts";
