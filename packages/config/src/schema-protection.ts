import { z } from "zod";
import type { EnvironmentConfig, Freezes } from "./project-config.ts";
import { duration, text, wholeNumber } from "./schema-parts.ts";

// What stands between a deployment and an environment: whose yes it needs, and when nothing changes there.

const needed = wholeNumber(0, 10);
const names = (what: string) =>
  z
    .array(text(`must be the name of ${what}`).min(1, { error: `must be the name of ${what}` }), {
      error: `must be a list of names, each of ${what}`,
    })
    .min(1, { error: "must name at least one" });

export const approvals: z.ZodType<NonNullable<EnvironmentConfig["approvals"]>> = z
  .union(
    [
      needed,
      z.strictObject({
        needed: wholeNumber(1, 10).meta({ description: "How many people must say yes." }),
        from: z
          .strictObject({
            roles: names("a role")
              .optional()
              .meta({
                description: "Whoever has one of these roles in this environment.",
                examples: [["approver"]],
              }),
            people: names("a person")
              .optional()
              .meta({
                description: "These people, by their name or address.",
                examples: [["dana", "kim@example.com"]],
              }),
          })
          .optional()
          .meta({ description: "Whose yes counts. Without it: of whoever may approve in this environment." }),
        expires: duration(60_000).optional().meta({
          description: "How long a yes counts. A deployment that has not begun by then asks again.",
          default: "24h",
        }),
      }),
    ],
    { error: "must be a whole number from 0 to 10, or { needed, from, expires }" },
  )
  .meta({
    description:
      "How many people must say yes, or that with who they are. Where people log in, whoever asked for the deployment, or wrote or helped to write a commit that it brings, is none of them.",
    default: 0,
    examples: [1, { needed: 2, from: { roles: ["approver"] }, expires: "8h" }],
  });

const because = text("must say why")
  .min(1, { error: "must say why" })
  .meta({ description: "What whoever is refused is told.", examples: ["The year's accounts are closed"] });
const moment = (what: string) =>
  text(`must be a time such as "2026-12-22T00:00"`).meta({ description: what, examples: ["2026-12-22T00:00"] });
const timezone = text("must be the name of a time zone")
  .optional()
  .meta({ description: "Whose clocks are meant, by their IANA name.", default: "UTC", examples: ["Europe/Berlin"] });

export const freezes: z.ZodType<Freezes> = z
  .array(
    z.union(
      [
        z.strictObject({
          because,
          from: moment("When it begins: a day, or a day and a time, as clocks there show it."),
          to: moment("The first moment at which the environment may change again."),
          timezone,
        }),
        z.strictObject({
          because,
          repeats: text("must be a recurrence rule").meta({
            description: "When it begins each time, as a recurrence rule of RFC 5545.",
            examples: ["FREQ=WEEKLY;BYDAY=FR"],
          }),
          starts: moment("The first time, as clocks there show it; its time of day is that of all others."),
          lasts: duration(60_000).meta({ description: "How long it lasts each time.", examples: ["63h"] }),
          timezone,
        }),
      ],
      { error: "must be { because, from, to } or { because, repeats, starts, lasts }" },
    ),
    { error: "must be a list of freezes" },
  )
  .meta({
    id: "Freezes",
    description:
      "When the environment does not change. What is to be deployed waits until it is over, and says so; two people together go through it, on record. A rollback is never held. A freeze holds until the release that takes it away from the configuration has come.",
  });

export const notice: z.ZodType<number | string> = duration(0).meta({
  description:
    "How long before it begins a deployment must have been asked for, so that those who must know of it can be told. A rollback does not wait.",
  examples: ["24h"],
});
