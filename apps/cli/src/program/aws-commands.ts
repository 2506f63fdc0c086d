import type { Entry } from "./entry.ts";

const policy = async (): ReturnType<Entry["load"]> => (await import("../commands/aws/policy.ts")).policy;

/** What a deployment to AWS needs there. */
export const awsCommands: Entry = {
  usage: "aws",
  summary: "what AWS must allow: policy",
  load: policy,
  below: [
    {
      usage: "policy [environment]",
      summary: "the least that AWS must allow, for IAM",
      more: "For the services that run on ECS: of one environment, or of all of them. It is made from the configuration here; nothing is asked of AWS, and no daemon need run.",
      load: policy,
    },
  ],
};
