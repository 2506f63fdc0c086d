import type { Entry } from "./entry.ts";

const policy = async (): ReturnType<Entry["load"]> => (await import("../commands/aws/policy.ts")).policy;

const switchController = async (): ReturnType<Entry["load"]> =>
  (await import("../commands/aws/switch-controller.ts")).switchController;

/** What a deployment to AWS needs there. */
export const awsCommands: Entry = {
  usage: "aws",
  summary: "what AWS must allow: policy; switch",
  load: policy,
  below: [
    {
      usage: "policy [environment]",
      summary: "the least that AWS must allow, for IAM",
      more: "For the services that run on ECS: of one environment, or of all of them. It is made from the configuration here; nothing is asked of AWS, and no daemon need run.",
      load: policy,
    },
    {
      usage: "switch <environment> <service>",
      summary: "from CodeDeploy to ECS's own controller",
      more: "Shows what would change of the service and its load balancer, and the way back; asks; and does exactly that. No task is replaced. Refuses with the reason what cannot be switched. Exit code 1: it was not.",
      options: [
        ["--role <arn>", "with which ECS changes the load balancer"],
        ["--without-hooks", "functions that CodeDeploy calls may go"],
        ["--plan", "only show it"],
      ],
      load: switchController,
    },
  ],
};
