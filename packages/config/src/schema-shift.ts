import { z } from "zod";
import { hostForm } from "./forms.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";

// The options that several strategies have: when a rollout is given up, what becomes of the old set, and who meets the new.

const shareForm = /^(?:100|[1-9]\d?)%$/u;
const thresholdError = 'must be a whole number from 1 to 1000, or a share of the replicas from "1%" to "100%"';

/** When too many new replicas failed, and when one of them counts as good. */
export const breakerOptions: {
  readonly breakerThreshold: z.ZodOptional<z.ZodType<number | string>>;
  readonly breakerCounts: z.ZodOptional<z.ZodType<"cumulative" | "consecutive">>;
  readonly minHealthyTime: z.ZodOptional<z.ZodType<string | number>>;
} = {
  breakerThreshold: z
    .union([wholeNumber(1, 1000), form(shareForm, thresholdError)], { error: thresholdError })
    .optional()
    .meta({
      description:
        "How many new replicas may fail before the old release is brought back, or which share of the replicas: rounded up, at least 3 and at most 200.",
      default: "50%",
      examples: [5],
    }),
  breakerCounts: z
    .enum(["cumulative", "consecutive"], { error: 'must be "cumulative" or "consecutive"' })
    .optional()
    .meta({
      description: "Which failures count: all, or those since a new replica last proved good.",
      default: "cumulative",
    }),
  minHealthyTime: duration(0)
    .optional()
    .meta({
      description: "How long a new replica must have stayed healthy before it counts as ready.",
      default: "0s",
      examples: ["10s"],
    }),
};

/** What becomes of the old set, and how the new one is looked at before it has traffic. */
export const shiftOptions: {
  readonly bake: z.ZodOptional<z.ZodType<string | number>>;
  readonly keepWarm: z.ZodOptional<z.ZodType<string | number>>;
  readonly preview: z.ZodOptional<z.ZodType<true | string>>;
  readonly verifyFirst: z.ZodOptional<z.ZodType<boolean>>;
} = {
  bake: duration(0).optional().meta({
    description: "How long the old replicas stay, without traffic and ready to take it back, after the switch.",
    default: "1m",
  }),
  keepWarm: duration(0)
    .optional()
    .meta({
      description:
        "How long the old replicas go on running after the deployment, without traffic, so that a rollback is only a switch. They need their memory meanwhile. Without it the deployment ends them.",
      examples: ["10m"],
    }),
  preview: z
    .union(
      [
        z.literal(true),
        form(hostForm, "must be a host name in small letters, without a port").refine((host) => host !== "*"),
      ],
      {
        error: 'must be true, or a host name such as "preview.shop.example.com"',
      },
    )
    .optional()
    .meta({
      description:
        "Where people reach the new replicas before they have all the traffic: a host name, or with `true` `preview.` before each host of the service.",
      examples: [true],
    }),
  verifyFirst: z.boolean({ error: "must be true or false" }).optional().meta({
    description:
      "Whether the environment's `verify` commands must pass against the new replicas before they get any traffic.",
    default: false,
  }),
};

const namesLike =
  (form: RegExp) =>
  (named: Readonly<Record<string, string>>): boolean =>
    Object.keys(named).every((name) => form.test(name));

const matchError = "must be an object of names and values";

/** Who meets the new release while it has a share of the traffic. */
export const audienceOptions: {
  readonly sticky: z.ZodOptional<z.ZodType<boolean>>;
  readonly match: z.ZodOptional<
    z.ZodType<{
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly cookies?: Readonly<Record<string, string>> | undefined;
    }>
  >;
} = {
  sticky: z.boolean({ error: "must be true or false" }).optional().meta({
    description:
      "Whether clients stay with the release that they met first, by a cookie that the router sets. The application needs to do nothing.",
    default: false,
  }),
  match: z
    .strictObject({
      headers: z
        .record(z.string(), text(), { error: matchError })
        .refine(namesLike(/^[A-Za-z0-9-]+$/u), { error: "must have names of headers: letters, digits and dashes" })
        .optional()
        .meta({ description: "Names and values of headers.", examples: [{ "x-canary": "always" }] }),
      cookies: z
        .record(z.string(), text(), { error: matchError })
        .refine(namesLike(/^[\w!#$%&'*+.^`|~-]+$/u), { error: "must have names of cookies" })
        .optional()
        .meta({ description: "Names and values of cookies.", examples: [{ beta: "yes" }] }),
    })
    .refine(({ headers, cookies }) => Object.keys({ ...headers, ...cookies }).length > 0, {
      error: "must name a header or a cookie",
    })
    .optional()
    .meta({
      description:
        "Requests that go to the new release whatever its share: those with any of these headers or cookies.",
      examples: [{ headers: { "x-canary": "always" } }],
    }),
};
