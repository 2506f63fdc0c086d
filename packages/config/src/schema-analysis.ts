import { z } from "zod";
import type { Analysis } from "./project-config.ts";
import { nameForm, secretForm } from "./forms.ts";
import { awsAccess } from "./schema-aws.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";

function number(least: number, most: number): z.ZodNumber {
  const error = `must be a number from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
}

const compare = z.boolean({ error: "must be true or false" }).optional().meta({
  description: "Whether it is compared with the old release.",
  default: true,
});

const errorRate = z
  .strictObject({
    max: number(0, 100).optional().meta({ description: "How much is allowed, in percent of the requests." }),
    compare,
    difference: number(0, 100).optional().meta({
      description: "How much more than the old release does not matter yet, in percentage points.",
      default: 0.5,
    }),
  })
  .meta({ description: "Requests that were answered with 5xx, not answered, or not to the end." });

const latency = z
  .strictObject({
    max: duration(1).optional().meta({ description: "How long is allowed." }),
    compare,
    difference: number(0, 10_000).optional().meta({
      description: "How much longer than with the old release does not matter yet, in percent.",
      default: 20,
    }),
  })
  .optional();

const finite = z.number({ error: "must be a number" }).optional();
const promql = text("must be a query").min(1, { error: "must be a query" });

const query = z
  .strictObject({
    query: promql.meta({
      description:
        "PromQL that gives one number; with `cloudwatch` an expression of its metric math, a metric by its name (`Sum AWS/ApplicationELB HTTPCode_Target_5XX_Count LoadBalancer=app/shop/1`), or `alarm NAME`, which is 1 while it fires and 0 else. `{{release}}`, `{{service}}` and `{{environment}}` stand for what is meant.",
      examples: ['sum(rate(orders_failed_total{release="{{release}}"}[1m]))'],
    }),
    stable: promql.optional().meta({
      description: "The same for the old release; without it, `query` with the old release for `{{release}}`.",
    }),
    max: finite.meta({ description: "How much is allowed." }),
    min: finite.meta({ description: "How much there must be." }),
    difference: number(0, 10_000).optional().meta({
      description: "How much more than with the old release is allowed, in percent. Without it they are not compared.",
    }),
  })
  .meta({ description: "A number that Prometheus or CloudWatch is asked for. It must be bad three times in a row." });

const prometheus = z
  .strictObject({
    url: form(/^https?:\/\/\S+$/u, "must be an address such as http://127.0.0.1:9090").meta({
      description: "Where it answers.",
      examples: ["http://127.0.0.1:9090"],
    }),
    token: z
      .strictObject({
        secret: form(secretForm, "must be the name of a secret: letters, digits and _").meta({
          description: "The name of the secret.",
          examples: ["PROMETHEUS_TOKEN"],
        }),
      })
      .optional()
      .meta({ description: "A bearer token to ask with, by the name of a secret." }),
  })
  .meta({ description: "The Prometheus that queries are asked of." });

const cloudwatch = z
  .strictObject({
    ...awsAccess,
    window: duration(60_000).optional().meta({
      description: "How far back a number may lie. Only minutes that are over count.",
      default: "5m",
    }),
  })
  .meta({
    id: "CloudWatchConfig",
    description: "The CloudWatch that queries are asked of, in the place of Prometheus.",
    examples: [{ region: "eu-central-1" }],
  });

/** How the figures of a new release are judged while it takes over. */
export const analysis: z.ZodType<Analysis> = z
  .strictObject({
    errorRate: errorRate.optional(),
    p50: latency.meta({ description: "The time that 50 of 100 answers took at most." }),
    p90: latency.meta({ description: "The time that 90 of 100 answers took at most." }),
    p95: latency.meta({ description: "The time that 95 of 100 answers took at most." }),
    p99: latency.meta({ description: "The time that 99 of 100 answers took at most." }),
    queries: z
      .record(form(nameForm, "must be a name of small letters, digits and dashes"), query, {
        error: "must be an object of names and queries",
      })
      .optional()
      .meta({ description: "More numbers, by name, asked of Prometheus or CloudWatch." }),
    prometheus: prometheus.optional(),
    cloudwatch: cloudwatch.optional(),
    alarms: z
      .array(text("must be the name of an alarm").min(1), { error: "must be a list of names" })
      .optional()
      .meta({ description: "Alarms of CloudWatch that end the rollout when they fire.", examples: [["shop-5xx"]] }),
    minimumRequests: wholeNumber(1, 1_000_000).optional().meta({
      description: "How many requests of each release are needed at each share of traffic; fewer tell nothing.",
      default: 100,
    }),
    every: duration(100).optional().meta({ description: "Between two looks.", default: "5s" }),
    deadline: duration(0).optional().meta({
      description:
        "How long after a change of the share the figures may take to tell enough. Then a person is asked; nothing passes without figures.",
      default: "10m",
    }),
  })
  .meta({
    id: "Analysis",
    description:
      "How the figures of the new release are judged. What is surely worse than the old release ends the rollout; what tells too little asks a person. Without any metric: `errorRate` and `p95`.",
    examples: [{ errorRate: { max: 2 }, p95: {} }],
  });
