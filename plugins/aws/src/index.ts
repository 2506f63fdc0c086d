export type { AwsAccess } from "./session/aws-access.ts";
export * from "./session/aws-session.ts";
export type { EcsImage } from "./ecs/begin-ecs.ts";
export * from "./ecs/ecs-target.ts";
