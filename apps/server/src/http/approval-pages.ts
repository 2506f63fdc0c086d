import { FairwayError, messageOf, movedSecrets } from "@fairway/core";
import type { ApprovalLinks, LinkQuestion } from "@fairway/engine";
import type { FastifyInstance, FastifyReply } from "fastify";
import { escapedHtml } from "./escaped-html.ts";
import { problemOf } from "./problem-of.ts";

// Pages for people who follow a link from a message. They load nothing and run nothing, and everything in them that anybody
// wrote is escaped. A look changes nothing: programs that preview links, and those that look for harm in them, look too.

const policy = { access: "open" } as const;
const path = "/approve/*";

/** The page by which somebody approves who was sent a link: a look shows what, and only the form's answer counts. */
export function approvalPages(app: FastifyInstance, links: ApprovalLinks): void {
  void app.register(async (pages) => {
    pages.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: 1024 },
      async (_request: unknown, body: string | Buffer) => new URLSearchParams(body.toString()),
    );
    pages.setErrorHandler((thrown, request, reply) => {
      const refused = ofTheForm(thrown);
      if (problemOf(refused).status >= 500) request.log.error({ err: thrown }, "an approval by a link went wrong");
      return refusal(reply, refused);
    });
    pages.get(path, { config: { policy, operation: "approval-page" } }, async (request, reply) =>
      page(reply, 200, "Approve", question(await links.show(tokenOf(request.params)))),
    );
    pages.post(path, { config: { policy, operation: "approval-answer", form: true } }, async (request, reply) => {
      const answer = request.body instanceof URLSearchParams ? request.body.get("answer") : null;
      if (answer !== "yes" && answer !== "no")
        throw new FairwayError("bad_request", "the answer is yes or no, by the form of this page");
      const asked = await links.answer(tokenOf(request.params), answer);
      return page(reply, 200, answer === "yes" ? "Approved" : "Refused", answered(asked, answer));
    });
  });
}

/** What Fastify itself refuses, a body that is too long or no form, is a bad request. */
function ofTheForm(thrown: unknown): unknown {
  const { statusCode = 500 } = thrown as { readonly statusCode?: number };
  return statusCode >= 400 && statusCode < 500 ? new FairwayError("bad_request", messageOf(thrown)) : thrown;
}

const tokenOf = (params: unknown): string => (params as { readonly "*"?: string })["*"] ?? "";

/** What would happen, with the two answers. */
function question({ person, run, plan, digest, release, needed, given, expires }: LinkQuestion): string {
  const { revision } = release;
  const secrets = movedSecrets(plan.secrets ?? []).map(
    ({ name, from, version }) => `${name} ${from ?? "–"} → ${version ?? "–"}`,
  );
  const facts: readonly (readonly [string, string])[] = [
    ["Environment", plan.environment],
    ["Release", plan.release],
    ["Commit", `${revision.short} ${revision.subject}`],
    ["By", revision.author],
    ["Runs there now", plan.from ?? "nothing"],
    ["Services", list(plan.rollouts.map(({ service }) => service))],
    ["Ended", list(plan.retired)],
    ["Databases", list((plan.migrations ?? []).map(({ service, id, class: kind }) => `${service} ${id} (${kind})`))],
    ["Secrets", list(secrets)],
    ["Asked for by", run.requestedBy],
    ["Approvals", `${given.length} of ${needed}${given.length === 0 ? "" : `: ${given.join(", ")}`}`],
    ["Digest", digest],
    ["This link is good until", new Date(expires).toISOString()],
  ];
  const rows = facts
    .map(([name, value]) => `<dt>${escapedHtml(name)}</dt><dd><bdi>${escapedHtml(value)}</bdi></dd>`)
    .join("\n");
  return `<h1><bdi>${escapedHtml(run.title)}</bdi></h1>
<p>You answer as <strong><bdi>${escapedHtml(person)}</bdi></strong>, for ${escapedHtml(run.id)}. This link answers once.</p>
<dl>${rows}</dl>
<form method="post"><button name="answer" value="yes">Approve</button> <button name="answer" value="no">Refuse</button></form>`;
}

const list = (all: readonly string[]): string => (all.length === 0 ? "none" : all.join(", "));

const answered = ({ run, person }: LinkQuestion, answer: "yes" | "no"): string =>
  `<h1>${answer === "yes" ? "Approved" : "Refused"}</h1>
<p>${escapedHtml(run.title)} (${escapedHtml(run.id)}) has the ${answer} of ${escapedHtml(person)}.</p>`;

/** A no in words, with every field that differs from what was asked about. */
function refusal(reply: FastifyReply, thrown: unknown): FastifyReply {
  const { status, problem } = problemOf(thrown);
  const problems = (thrown as { readonly problems?: readonly string[] }).problems ?? [];
  const message = status >= 500 ? problem.message : messageOf(thrown);
  const hint = problem.hint === undefined || problem.hint === null ? "" : `<p>${escapedHtml(problem.hint)}</p>`;
  const listed = problems.map((one) => `<li>${escapedHtml(one)}</li>`).join("");
  return page(reply, status, "No", `<h1>Not approved</h1><p>${escapedHtml(message)}</p><ul>${listed}</ul>${hint}`);
}

function page(reply: FastifyReply, status: number, title: string, body: string): FastifyReply {
  return reply
    .code(status)
    .headers({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      // The address is the key; and without an origin the form's answer could not be told from another page's.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "x-robots-tag": "noindex, nofollow",
      "content-security-policy":
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; sandbox allow-forms allow-same-origin",
    })
    .send(
      `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapedHtml(title)} – Fairway</title>
<body>${body}</body></html>
`,
    );
}
