import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Notice } from "@fairway/core";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { emailNotifier } from "./email-notifier.ts";

const notice: Notice = {
  id: "fairway-1",
  kind: "deployment.succeeded",
  level: "success",
  title: "r7 to production: deployed\r\nBcc: everybody@example.com",
  text: "",
  at: "2026-01-02T03:04:05.000Z",
  environment: "production",
  run: null,
  release: null,
  url: null,
  facts: [{ name: "Commit", value: "3f2a1bc" }],
  thread: "run-17",
};

/** A mail server of this machine; `refuse` is what it answers instead of taking a message. */
async function mailServer(refuse?: {
  readonly code: number;
}): Promise<{ readonly url: string; readonly mails: string[] }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onData(stream, _session, done) {
      const taken = async (): Promise<void> => {
        const mail = await text(stream);
        if (refuse) return done(Object.assign(new Error("no"), { responseCode: refuse.code }));
        mails.push(mail);
        done();
      };
      void taken();
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`, mails };
}

const access = {
  from: "Fairway <fairway@example.com>",
  to: ["a@example.com", "b@example.com"],
  username: null,
  password: null,
};

test("a notice is a mail whose id is the notice's, and the next of its deployment answers it", async () => {
  const { url, mails } = await mailServer();
  const notifier = emailNotifier({ server: url, ...access });
  const said = await notifier.notify(notice, { thread: null, uncertain: false });
  expect(said).toEqual({ told: true, reference: "<fairway-1@example.com>" });
  await notifier.notify({ ...notice, id: "fairway-2" }, { thread: "<fairway-1@example.com>", uncertain: false });
  expect(mails[0]).toContain("Message-ID: <fairway-1@example.com>");
  expect(mails[1]).toContain("In-Reply-To: <fairway-1@example.com>");
  expect(mails[0]).toMatch(/^Subject: \[Fairway\] r7 to production: deployed Bcc: everybody@example\.com\r?$/m);
  expect(mails[0]?.split(/\r?\n\r?\n/)[0]).not.toMatch(/^Bcc:/m);
});

test.each([
  [550, false],
  [451, true],
])("what the server answers with %i is tried again: %s", async (code, again) => {
  const { url } = await mailServer({ code });
  const said = await emailNotifier({ server: url, ...access }).notify(notice, { thread: null, uncertain: false });
  expect(said).toMatchObject({ told: false, again, uncertain: false });
});

test("a server that is not there is tried again", async () => {
  const said = await emailNotifier({ server: "smtp://127.0.0.1:1", ...access }).notify(notice, {
    thread: null,
    uncertain: false,
  });
  expect(said).toMatchObject({ told: false, again: true });
});
