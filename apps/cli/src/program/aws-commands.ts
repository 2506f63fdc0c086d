import type { Entry } from "./entry.ts";

const policy = async (): ReturnType<Entry["load"]> => (await import("../commands/aws/policy.ts")).policy;

const switchController = async (): ReturnType<Entry["load"]> =>
  (await import("../commands/aws/switch-controller.ts")).switchController;

const access = async (): ReturnType<Entry["load"]> => (await import("../commands/aws/access.ts")).access;

/** What a deployment to AWS needs there. */
export const awsCommands: Entry = {
  usage: "aws",
  summary: "what AWS must allow: policy; access, switch",
  load: policy,
  below: [
    {
      usage: "policy [environment]",
      summary: "the least that AWS must allow, for IAM",
      more: "For all that is configured: services on ECS, load balancers, checks, archives, and what ops/ asks of AWS; of one environment, or of all. Nothing is asked of AWS, and no daemon need run.",
      load: policy,
    },
    {
      usage: "access <environment>",
      summary: "who can do what in the account, as CSV",
      more: "For a review of access: users, roles and root with their policies, when each was used last, and what a reviewer should see first. As IAM says now.",
      options: [["--used", "also which services each used lately; slow"]],
      load: access,
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
