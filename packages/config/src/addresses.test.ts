import fc from "fast-check";
import { expect, test } from "vitest";
import { projectSchema } from "./schema.ts";

/** Every place of a configuration that holds an address, which becomes a link or is asked. */
const places: Readonly<Record<string, (url: string) => object>> = {
  "an environment's": (url) => ({ environments: { production: { url } } }),
  "one of an environment's": (url) => ({ environments: { production: { url: { shop: url } } } }),
  "a webhook's": (url) => ({ notices: { a: { webhook: { url, secret: { secret: "S" } } } } }),
  "Jira's": (url) => ({ notices: { a: { jira: { url, project: "P", user: "u", token: { secret: "S" } } } } }),
  "Slack's": (api) => ({ notices: { a: { slack: { token: { secret: "S" }, channel: "C", api } } } }),
  "PagerDuty's": (api) => ({ notices: { a: { pagerduty: { routingKey: { secret: "S" }, api } } } }),
  "Datadog's": (api) => ({ notices: { a: { datadog: { apiKey: { secret: "S" }, api } } } }),
  "GitHub's": (api) => ({ forge: { github: { repository: "a/b", token: { secret: "S" }, api } } }),
  "Unleash's": (url) => ({ flags: { source: "unleash", url, key: { secret: "S" } } }),
};
const base = { name: "a", services: { web: { run: "node web.mjs" } }, environments: { production: {} } };
const taken = (place: string, url: string): boolean =>
  projectSchema.safeParse({ ...base, ...places[place]?.(url) }).success;

const scheme = fc
  .tuple(
    fc.constantFrom(
      "javascript:",
      "data:text/html,",
      "vbscript:",
      "file:///",
      "ftp://a.example/",
      "ext::sh -c ",
      "//",
      "-oProxyCommand=",
    ),
    fc.constantFrom("", " ", "\t", "\n"),
    fc.boolean(),
    fc.string(),
  )
  .map(([word, before, isUpper, rest]) => `${before}${isUpper ? word.toUpperCase() : word}${rest}`);

test.each(Object.keys(places))("%s address is http or https", (place) => {
  expect(taken(place, "https://shop.example.com")).toBe(true);
  fc.assert(
    fc.property(scheme, (url) => !taken(place, url)),
    { numRuns: 100 },
  );
});
