import type { NoticeChannel, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import { noticesFor } from "./personal-notices.ts";

type Found = Parameters<typeof noticesFor>[1];
const run = "run-7" as RunId;
const found: Found = {
  about: "approval run-7",
  notice: { kind: "approval.asked", thread: "run-7" } as Found["notice"],
  gate: { run, job: "approval", attempt: 1, digest: "d" },
};
const ann = { id: "u1", name: "ann", email: "Ann@example.com" };
const bob = { id: "u2", name: "bob", email: "bob@example.com" };
const mail = (...to: readonly string[]): Pick<NoticeChannel, "place"> => ({
  place: { kind: "email", server: "smtp://m", from: "f@example.com", to, username: null, password: null },
});
const slack = (links: boolean): Pick<NoticeChannel, "place"> => ({
  place: { kind: "slack", token: { secret: "T" }, channel: "C1", api: "https://slack.com/api", links },
});
const whom = (channel: Pick<NoticeChannel, "place">, of = found): readonly unknown[] =>
  noticesFor(channel, of, [ann, bob]).map(({ about, notice: { to, personal } }) => [
    about,
    to ?? personal?.address ?? "all",
  ]);

test("by mail each approver is written to alone, with a link of their own, and the others without one", () => {
  expect(whom(mail("team@example.com", "Ann <ann@example.com>"))).toEqual([
    ["approval run-7", ["team@example.com"]],
    ["approval run-7 for u1", "Ann@example.com"],
  ]);
  expect(whom(mail("bob@example.com"))).toEqual([["approval run-7 for u2", "bob@example.com"]]);
});

test("a place that many read is never given a link; Slack's bot writes to approvers alone where it is told to", () => {
  expect(whom(slack(false))).toEqual([["approval run-7", "all"]]);
  expect(whom({ place: { kind: "slack-webhook", url: { secret: "U" } } })).toEqual([["approval run-7", "all"]]);
  expect(whom(slack(true))).toEqual([
    ["approval run-7", "all"],
    ["approval run-7 for u1", "Ann@example.com"],
    ["approval run-7 for u2", "bob@example.com"],
  ]);
});

test("what no link answers is told as ever", () => {
  expect(whom(mail("ann@example.com"), { ...found, gate: undefined })).toEqual([["approval run-7", "all"]]);
});
