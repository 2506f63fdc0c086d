import type { Notice, Notifier } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { connectionGuard } from "../outgoing/connection-guard.ts";
import { refused } from "./http-answer.ts";
import { plainText } from "./words.ts";

/** A mail server and who writes to whom. */
export interface EmailAccess {
  /** `smtps://host:port` or `smtp://host:port`. */
  readonly server: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly username: string | null;
  readonly password: string | null;
}

const patience = 20_000;
const guard = connectionGuard({ origin: "within" });

/**
 * E-mail by SMTP. The message's id is the notice's, so that mail programs show one that came twice as one, and all of one
 * deployment answer the first.
 */
export const emailNotifier = ({ server, from, to, username, password }: EmailAccess): Notifier => ({
  async notify(notice, { thread }) {
    const { protocol, hostname, port } = new URL(server);
    const domain = from.replace(/^.*@/, "").replace(/>$/, "") || "fairway.invalid";
    const id = `<${notice.id}@${domain}>`;
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "smtps:" ? 465 : 587) : Number(port),
      secure: protocol === "smtps:",
      ...(username === null ? {} : { auth: { user: username, pass: password ?? "" }, requireTLS: true }),
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await guard.checkHost(hostname);
      await transport.sendMail({
        from,
        to: [...(notice.personal === undefined ? (notice.to ?? to) : [notice.personal.address])],
        messageId: id,
        ...(thread === null ? {} : { inReplyTo: thread, references: thread }),
        subject: subjectOf(notice),
        text: plainText(notice),
        headers: { "X-Fairway-Notice": notice.kind, "Auto-Submitted": "auto-generated" },
      });
      return { told: true, reference: thread ?? id };
    } catch (thrown) {
      if (codeOf(thrown) === "bad_request") return refused(messageOf(thrown), false);
      const code = (thrown as { readonly responseCode?: number }).responseCode;
      // 5yz is final, and so is a login that is refused; anything else may pass (RFC 5321, 4.2.1).
      const isFinal = code !== undefined && code >= 500;
      return refused(`the mail server did not take it: ${messageOf(thrown)}`, !isFinal, null, code === undefined);
    } finally {
      transport.close();
    }
  },
});

/** Names of branches and people are in it: no line may end here. */
const subjectOf = ({ title }: Notice): string => `[Fairway] ${title}`.replaceAll(/[\r\n\u2028\u2029]+/g, " ");
