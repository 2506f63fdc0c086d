import { isLoopback } from "@fairway/core";
import type { Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** An Unleash is somebody's own, and a key goes over the network in secret. */
export function flagsRules({ config: { flags } }: RuleFacts): readonly Finding[] {
  if (flags === undefined) return [];
  const { source, url } = flags;
  if (url === undefined)
    return source === "launchdarkly"
      ? []
      : [
          {
            path: ["flags", "source"],
            part: "value",
            code: "impossible",
            message: "nobody knows where this Unleash answers",
            fix: 'say it with url: "https://unleash.example.com"',
          },
        ];
  const { protocol, host } = new URL(url);
  return protocol === "https:" || isLoopback(host)
    ? []
    : [
        {
          path: ["flags", "url"],
          part: "value",
          code: "impossible",
          message: `${host} is not at this machine's loopback, and without TLS anybody on the way reads the key`,
          fix: "write https://, or name 127.0.0.1 or localhost",
        },
      ];
}
