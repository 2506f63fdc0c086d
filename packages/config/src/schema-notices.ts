import { noticeKindNames } from "@fairway/core";
import { z } from "zod";
import type { NoticeChannelConfig } from "./project-config.ts";
import { form, privateRanges, text } from "./schema-parts.ts";

// Where people are told of what happens.

const secret = (of: string) =>
  z
    .strictObject({ secret: text("must be the name of a secret").min(1) }, { error: "must be { secret: NAME }" })
    .meta({ description: `The name of the secret with ${of}.`, examples: [{ secret: "NOTICES_KEY" }] });
const address = (must: string) =>
  form(/^https?:\/\/[^\s@]+$/u, must).refine((written) => URL.canParse(written), { error: must });
const base = address('must be an address such as "https://example.com"');

const slack = z
  .union(
    [
      z.strictObject({ webhook: secret("the address of an incoming webhook") }),
      z.strictObject({
        token: secret("a bot's token, which may `chat:write`"),
        channel: text("must be the id of a channel, such as C0123456789").min(1),
        api: base.optional().meta({ description: "Where Slack's API answers.", default: "https://slack.com/api" }),
        links: z.boolean({ error: "must be true or false" }).optional().meta({
          description:
            "Writes to whoever may approve alone, with a link by which they do. The bot needs `users:read.email` for it.",
          default: false,
        }),
      }),
    ],
    { error: "must be { webhook } or { token, channel }" },
  )
  .meta({
    description: "Slack: an incoming webhook, or a bot, which keeps all of one deployment in one thread.",
    examples: [{ webhook: { secret: "SLACK_WEBHOOK" } }],
  });

const webhook = z
  .strictObject({
    url: base.meta({ description: "What is called." }),
    secret: secret("what calls are signed with: `whsec_` and at least 24 bytes in base64"),
  })
  .meta({ description: "Any address: calls are signed as Standard Webhooks has it." });

const email = z
  .strictObject({
    server: form(/^smtps?:\/\/[^\s@/]+$/u, 'must be a server such as "smtps://mail.example.com"').meta({
      description: "`smtps` speaks TLS from the beginning; `smtp` changes to it where the server can.",
    }),
    from: text()
      .min(3)
      .meta({ description: "Who writes.", examples: ["fairway@example.com"] }),
    to: z
      .array(text().min(3), { error: "must be a list of addresses" })
      .min(1)
      .meta({ description: "Who is written to." }),
    username: text().optional().meta({ description: "To log in with." }),
    password: secret("the password").optional(),
  })
  .meta({ description: "E-mail by SMTP." });

const pagerduty = z
  .strictObject({
    routingKey: secret("the integration key of Events API v2"),
    api: base.optional().meta({ description: "Where it answers.", default: "https://events.pagerduty.com" }),
  })
  .meta({ description: "PagerDuty: an incident for what failed, resolved when the environment is well again." });

const datadog = z
  .strictObject({
    apiKey: secret("an API key"),
    api: base.optional().meta({ description: "The API of your site.", default: "https://api.datadoghq.com" }),
  })
  .meta({ description: "Datadog: events." });

const alertmanager = z
  .strictObject({
    url: base.meta({ description: "Where it answers.", examples: ["https://alertmanager.example.com"] }),
    user: text().min(1).optional().meta({ description: "Who asks, where it wants to know." }),
    password: secret("the password of the user, or a bearer token where there is no user").optional(),
  })
  .meta({
    description:
      "Prometheus Alertmanager: an alert for what failed, resolved when the environment is well again. What it does with it is routed there.",
  });

const deadMansSwitch = z.strictObject({ url: secret("the address that is called") }).meta({
  description:
    "An address outside that is called each minute while Fairway is there. Whoever keeps it tells people once the calls stop.",
  examples: [{ url: { secret: "HEALTHCHECK_URL" } }],
});

const jira = z
  .strictObject({
    url: base.meta({ description: "Your site.", examples: ["https://acme.atlassian.net"] }),
    project: text()
      .min(1)
      .meta({ description: "The project's key.", examples: ["OPS"] }),
    issueType: text().min(1).optional().meta({ description: "What is made.", default: "Task" }),
    user: text().min(1).meta({ description: "Whose token it is." }),
    token: secret("an API token"),
  })
  .meta({ description: "Jira: an issue for what a person has to look at; what has one already gets a comment." });

/** One place where people hear of things. */
export const noticeChannel: z.ZodType<NoticeChannelConfig> = z
  .strictObject(
    {
      slack: slack.optional(),
      webhook: webhook.optional(),
      email: email.optional(),
      pagerduty: pagerduty.optional(),
      datadog: datadog.optional(),
      alertmanager: alertmanager.optional(),
      deadMansSwitch: deadMansSwitch.optional(),
      jira: jira.optional(),
      about: z
        .array(z.enum(noticeKindNames, { error: `must be one of ${noticeKindNames.join(", ")}` }))
        .min(1, { error: "must name at least one kind" })
        .optional()
        .meta({
          description:
            "Which notices. Without it: what failed and what waits for a person, and, but for PagerDuty, Alertmanager and Jira, deployments.",
        }),
      environments: z
        .array(text("must be the name of an environment"))
        .min(1, { error: "must name at least one environment" })
        .optional()
        .meta({ description: "Only of these environments. Without it: of all, and of what belongs to none." }),
      allowPrivate: privateRanges.optional().meta({
        description:
          "Where it is, as ranges of private addresses. It opens nothing: whoever runs the daemon does, with `fairway up --allow-private`; without this it may be anywhere that they let in.",
        examples: [["10.0.0.0/8"]],
      }),
    },
    {
      error:
        "must be an object with one of slack, webhook, email, pagerduty, datadog, alertmanager, deadMansSwitch and jira",
    },
  )
  .meta({ id: "NoticeChannelConfig", description: "A place where people are told of what happens." });
