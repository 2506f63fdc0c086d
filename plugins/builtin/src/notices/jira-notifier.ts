import { createHash } from "node:crypto";
import type { Notice, NoticeAnswer, Notifier } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask, refused } from "./http-answer.ts";
import { atMost, plainText } from "./words.ts";

/** A site, and who speaks to it. */
export interface JiraAccess {
  readonly url: string;
  readonly project: string;
  readonly issueType: string;
  readonly user: string;
  readonly token: string;
}

/**
 * Jira's REST API v3. What belongs to one thread is one issue, found again by a label: it is looked for before it is made,
 * and what it is told later becomes a comment, which after a try whose outcome nobody knows is looked for too. Jira indexes
 * what was made after some seconds, so after such a try a second issue is possible; both carry the label.
 */
export function jiraNotifier(fetch: GuardedFetch, { url, project, issueType, user, token }: JiraAccess): Notifier {
  const base = `${url.replace(/\/$/, "")}/rest/api/3`;
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    authorization: `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`,
  };
  const call = async (
    method: "GET" | "POST",
    path: string,
    body?: object,
  ): Promise<NoticeAnswer | { readonly value: unknown }> => {
    const asked = await ask(fetch, { method, url: `${base}${path}`, headers, body: body && JSON.stringify(body) });
    if (!asked.answered) return asked.no;
    try {
      return { value: JSON.parse(asked.answer.body || "{}") as unknown };
    } catch {
      return refused("its answer is no JSON", true, null, true);
    }
  };

  /** What an uncertain try has come to, where it has arrived, as a comment or as the issue itself; null where it has not. */
  async function said(issue: string, notice: Notice): Promise<NoticeAnswer | null> {
    const at = `/issue/${encodeURIComponent(issue)}`;
    const made = await call("GET", `${at}?fields=description`);
    if ("told" in made) return made;
    const comments = await call("GET", `${at}/comment?orderBy=-created&maxResults=100`);
    if ("told" in comments) return comments;
    const { fields } = made.value as { readonly fields?: { readonly description?: unknown } };
    const { comments: all } = comments.value as { readonly comments?: unknown };
    const bodies = (Array.isArray(all) ? (all as readonly { readonly body?: unknown }[]) : []).map(({ body }) => body);
    const text = textIn(document(notice));
    return [fields?.description, ...bodies].some((body) => textIn(body) === text)
      ? { told: true, reference: issue }
      : null;
  }

  return {
    async notify(notice, { thread, uncertain }) {
      const label = labelOf(notice);
      const jql = `project = "${project.replaceAll(/["\\]/g, "")}" AND labels = "${label}" ORDER BY created ASC`;
      const search =
        thread === null
          ? await call("GET", `/search/jql?maxResults=1&fields=key&jql=${encodeURIComponent(jql)}`)
          : null;
      if (search !== null && "told" in search) return search;
      const known = thread ?? keyIn((search?.value as { readonly issues?: unknown } | undefined)?.issues);
      if (known !== null) {
        const before = uncertain ? await said(known, notice) : null;
        if (before !== null) return before;
        const commented = await call("POST", `/issue/${encodeURIComponent(known)}/comment`, { body: document(notice) });
        return "told" in commented ? commented : { told: true, reference: known };
      }
      const made = await call("POST", "/issue", {
        fields: {
          project: { key: project },
          issuetype: { name: issueType },
          summary: atMost(notice.title.replaceAll(/\s+/g, " "), 250),
          description: document(notice),
          labels: ["fairway", label],
        },
      });
      return "told" in made ? made : { told: true, reference: keyIn([made.value]) };
    },
  };
}

/** Labels hold no spaces. */
const labelOf = ({ thread }: Notice): string =>
  `fairway-${createHash("sha256").update(thread).digest("hex").slice(0, 16)}`;

function keyIn(issues: unknown): string | null {
  const [first] = Array.isArray(issues) ? (issues as readonly { readonly key?: unknown }[]) : [];
  return typeof first?.key === "string" ? first.key : null;
}

/** In Atlassian's document format: paragraphs of plain text. */
const document = (notice: Notice): object => ({
  type: "doc",
  version: 1,
  content: plainText(notice)
    .split("\n")
    .map((line) => ({ type: "paragraph", content: line === "" ? [] : [{ type: "text", text: line }] })),
});

/** The text of a document, however Jira has written it out again. */
function textIn(node: unknown): string {
  if (typeof node !== "object" || node === null) return "";
  const { text, content } = node as { readonly text?: unknown; readonly content?: unknown };
  const within = Array.isArray(content) ? content.map(textIn).filter((one) => one !== "") : [];
  return [...(typeof text === "string" ? [text] : []), ...within].join("\n");
}
