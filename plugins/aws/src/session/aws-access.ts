export type { AwsAccess } from "@fairway/core";
