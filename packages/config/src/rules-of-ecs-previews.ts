import type { ProjectConfig } from "./project-config.ts";
import type { Finding } from "./problems.ts";

/** Previews on ECS are made from services there, and somebody must wake what sleeps. */
export function ecsPreviewRules({ previews, environments = {} }: ProjectConfig): readonly Finding[] {
  const written = previews?.ecs;
  if (previews === undefined || written === undefined) return [];
  const [first = ""] = Object.keys(environments);
  const inherits = previews.inherits ?? first;
  const base = environments[inherits]?.ecs;
  const path = ["previews", "ecs"];
  if (base === undefined)
    return [
      {
        path,
        part: "key",
        code: "impossible",
        message: `no service of ${inherits} runs on ECS, and a preview there is made from one`,
        fix: `write \`ecs\` into environments.${inherits}, or take it out of previews`,
      },
    ];
  const found: Finding[] = [];
  if (!written.listener.includes(`:${base.region}:`))
    found.push({
      path: [...path, "listener"],
      part: "value",
      code: "impossible",
      message: `the listener is not in ${base.region}, where ${inherits} runs`,
      fix: `name a listener of ${base.region}`,
    });
  if (written.wake === undefined && previews.sleepAfter !== false)
    found.push({
      path,
      part: "key",
      code: "impossible",
      message: "nobody could wake a preview on ECS that sleeps",
      fix: "name `wake`, where the load balancer reaches this daemon, or write sleepAfter: false",
    });
  return found;
}
