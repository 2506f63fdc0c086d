import { imageNameOf, isLoopback } from "@fairway/core";
import type { Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** A login is whole, nothing is said in the open but to this machine, and what only a registry can hold has one. */
export function registryRules({ config }: RuleFacts): readonly Finding[] {
  const { registry } = config;
  const findings: Finding[] = [];
  if (registry !== undefined) {
    const { server, username, password, insecure } = registry;
    if ((username === undefined) !== (password === undefined))
      findings.push({
        path: ["registry", username === undefined ? "password" : "username"],
        part: "key",
        code: "impossible",
        message: `a registry takes a username and a password, and "${username === undefined ? "username" : "password"}" is missing`,
        fix: "give both, or none",
      });
    if (insecure === true && !isLoopback(imageNameOf(`${server}/x`)?.host ?? server))
      findings.push({
        path: ["registry", "insecure"],
        part: "value",
        code: "impossible",
        message: `${server} is not at this machine's loopback, and without TLS anybody on the way reads passwords and changes images`,
        fix: "take it out and name the certificate of its authority with `ca`, or name 127.0.0.1 or localhost",
      });
  }
  for (const [name, { container }] of Object.entries(config.services))
    if (registry === undefined && (container?.platforms?.length ?? 0) > 1)
      findings.push({
        path: ["services", name, "container", "platforms"],
        part: "value",
        code: "impossible",
        message: "an image of several platforms is kept in a registry only, and the project has none",
        fix: "name a `registry`, or one platform",
      });
  return findings;
}
