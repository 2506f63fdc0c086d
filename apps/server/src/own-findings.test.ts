import type { ControlFigures } from "@fairway/engine";
import { expect, test } from "vitest";
import type { Found } from "./machine-findings.ts";
import * as judge from "./own-findings.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const queue = (ready: ControlFigures["ready"], running: number, workers = 1): Found =>
  judge.queueFinding({ ready, running, workers } as ControlFigures);

test.each<[string, Found, Found["state"], string]>([
  ["no backup", judge.backupFinding(null, now, false), "warning", "none was made"],
  ["a backup of today", judge.backupFinding("2026-11-22T01:00:00Z", now, false), "ok", "today"],
  ["an old backup", judge.backupFinding("2026-11-10T01:00:00Z", now, false), "warning", "12 days ago"],
  ["a server of the team's", judge.backupFinding(null, now, true), "ok", "the team's"],
  ["no fsync", judge.durabilityFinding(false), "problem", "does not wait"],
  ["few connections", judge.connectionsFinding({ used: 20, most: 100 }), "ok", "20 of 100"],
  ["hardly a connection left", judge.connectionsFinding({ used: 90, most: 100 }), "warning", "90 of 100"],
  ["an empty queue", queue({ count: 0, oldest: 0 }, 0), "ok", "0 jobs wait"],
  ["a busy queue", queue({ count: 9, oldest: 90_000 }, 4), "warning", "since 90 s"],
  ["a queue that stands", queue({ count: 1, oldest: 90_000 }, 0), "problem", "1 job waits"],
  ["no worker", queue({ count: 0, oldest: 0 }, 0, 0), "problem", "0 workers"],
  ["a run that wants somebody", judge.attentionFinding(["run-3"]), "warning", "run-3"],
  ["a dead letter", judge.outboxFinding(["1 notice did not arrive at team: 404"], 0), "problem", "did not arrive"],
  ["letters on their way", judge.outboxFinding([], 3), "ok", "3 on their way"],
  ["webhooks that nobody reads", judge.webhooksFinding(2, 400), "warning", "since 400 s"],
  ["a trigger that failed", judge.triggersFinding({ count: 1, why: "no such branch" }), "warning", "no such branch"],
  ["drift", judge.driftFinding(2), "warning", "2 resources"],
  ["nobody to open the door", judge.peopleFinding({ all: 2, admins: 0 }, true), "problem", "0 administrators"],
  ["one administrator of several", judge.peopleFinding({ all: 2, admins: 1 }, true), "warning", "1 administrator"],
  ["one person", judge.peopleFinding({ all: 1, admins: 1 }, true), "ok", "1 person"],
  ["no login", judge.peopleFinding({ all: 0, admins: 0 }, false), "ok", "nobody logs in"],
  ["a token that ends", judge.tokensFinding(["ci"]), "warning", "ci end"],
  ["commands of root", judge.stepsFinding(0, undefined), "warning", "as root"],
  ["workflows of somebody else", judge.stepsFinding(0, "builder"), "ok", "builder"],
  ["nowhere private", judge.outgoingFinding(undefined, []), "ok", "public addresses only"],
  ["a place that nobody let in", judge.outgoingFinding(undefined, ["notices.team"]), "warning", "notices.team names"],
  ["a place that is let in", judge.outgoingFinding("10.0.0.0/8,git.example", ["notices.team"]), "ok", "git.example"],
  ["little memory", judge.memoryFinding(9 * 1024 ** 2), "warning", "9 MiB"],
  ["a file that others read", judge.privateFinding("it", ["/s/a.env"]), "problem", "/s/a.env"],
  ["a certificate that ends", judge.certificatesFinding(["that of a.example ends"], 2), "warning", "a.example"],
])("%s is judged, with what to do about it", (_, found, state, said) => {
  expect(found).toMatchObject({ state, message: expect.stringContaining(said) });
  expect(found.action === null).toBe(state === "ok");
});
