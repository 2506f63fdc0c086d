import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean, impossibleKey } from "./problems.ts";
import type { EnvironmentConfig } from "./project-config.ts";
import { isOfPlatform } from "./resolve-platform-check.ts";
import type { RuleFacts } from "./rules.ts";

/** What of AWS could not be as it is written: services that a load balancer cannot carry, checks that nobody could answer. */
export const awsRules = (facts: RuleFacts): readonly Finding[] =>
  Object.entries(facts.config.environments ?? {}).flatMap(([name, environment]) => [
    ...balanced(facts, name, environment),
    ...answerable(facts, name, environment),
  ]);

function balanced(
  { config, names, resolved }: RuleFacts,
  name: string,
  { aws, ecs }: EnvironmentConfig,
): readonly Finding[] {
  const balancer = aws?.balancer;
  if (balancer === undefined) return [];
  const at: Path = ["environments", name, "aws", "balancer"];
  const region = balancer.listener.split(":")[3];
  const account = balancer.listener.split(":")[4];
  const found: Finding[] = [];
  if (aws?.region !== region)
    found.push(
      impossibleKey([...at, "listener"], `the listener is in ${region}, not in ${aws?.region}`, "correct `region`"),
    );
  if (aws?.account !== undefined && aws.account !== account)
    found.push(
      impossibleKey(
        [...at, "listener"],
        `the listener is of account ${account}, not of ${aws.account}`,
        "correct `account`",
      ),
    );
  for (const [index, service] of (balancer.services ?? []).entries()) {
    const here: Path = [...at, "services", index];
    if (!names.services.includes(service))
      found.push({
        path: here,
        part: "value",
        code: "unknown_name",
        message: `there is no service "${service}"`,
        fix: didYouMean(service, names.services),
      });
    else if (ecs?.services[service] !== undefined)
      found.push({
        ...impossibleKey(
          here,
          `${service} runs on ECS, which writes the weights of its load balancer itself`,
          "take it out",
        ),
        part: "value",
      });
    else if (config.services[service]?.contracts !== undefined)
      found.push({
        ...impossibleKey(here, `${service} is contracts, and answers no requests`, "take it out"),
        part: "value",
      });
  }
  const placements = resolved.project.environments.find((each) => each.name === name)?.placements ?? [];
  for (const { service, requests, balancer: carried } of placements)
    if (carried !== undefined && requests !== undefined)
      found.push(
        impossibleKey(
          at,
          `the requests of ${service} are limited, and a load balancer of AWS limits none`,
          "take `requests` out and use AWS WAF, or leave the service out of the load balancer",
        ),
      );
  return found;
}

function answerable({ config }: RuleFacts, name: string, environment: EnvironmentConfig): readonly Finding[] {
  const { verify = {}, aws, ecs } = environment;
  return Object.entries(verify).flatMap(([check, asked]): readonly Finding[] => {
    if (typeof asked === "string" || Array.isArray(asked) || !isOfPlatform(asked)) return [];
    const at: Path = ["environments", name, "verify", check];
    if (("alarms" in asked || "canary" in asked) && aws === undefined && ecs === undefined)
      return [
        impossibleKey(
          at,
          "nobody knows which account of AWS is to be asked",
          "give the environment `aws: { region: … }`",
        ),
      ];
    if ("targets" in asked && aws?.balancer === undefined)
      return [impossibleKey(at, "the environment has no load balancer", "name one under `aws.balancer`")];
    if ("scan" in asked && !isInEcr(config.registry?.server))
      return [impossibleKey(at, "only ECR scans images by itself", "name a `registry` whose `server` is at ECR")];
    return [];
  });
}

const isInEcr = (server: string | undefined): boolean =>
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?:\/|$)/u.test(server ?? "");
