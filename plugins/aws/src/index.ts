export type { AwsAccess } from "./session/aws-access.ts";
export * from "./session/aws-session.ts";
