import type { ControlFigures, DoctorFacts } from "@fairway/engine";
import type { Found } from "./machine-findings.ts";
import { fine } from "./machine-findings.ts";

const doubtful = (message: string, action: string): Found => ({ state: "warning", message, action });
const wrong = (message: string, action: string): Found => ({ state: "problem", message, action });
const plural = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

const day = 86_400_000;
/** A week without a backup is more than most teams can lose. */
const backupEvery = 7 * day;

/** Whether there is a backup to go back to. An own server's databases are the team's to keep. */
export function backupFinding(last: string | null, now: number, isOwn: boolean): Found {
  if (isOwn) return fine("the database is the team's, and so are its backups");
  const make = "make one, with the key apart: fairway backup DIRECTORY --with-key FILE";
  if (last === null) return doubtful("none was made yet", make);
  const days = Math.floor((now - Date.parse(last)) / day);
  const message = `the last was made ${days === 0 ? "today" : `${plural(days, "day", "days")} ago`}`;
  return now - Date.parse(last) > backupEvery ? doubtful(message, make) : fine(message);
}

/** Whether acknowledged changes outlive a power cut. */
export const durabilityFinding = (durable: boolean): Found =>
  durable
    ? fine("what is acknowledged is on the disk")
    : wrong("the database does not wait for the disk", "set fsync, full_page_writes and synchronous_commit to on");

export function connectionsFinding({ used, most }: DoctorFacts["connections"]): Found {
  const message = `${used} of ${most} used`;
  if (used < most * 0.85) return fine(message);
  return doubtful(message, "raise max_connections, or take services' connections away");
}

/** Longer than this nobody has to wait for a worker but while all of them are busy. */
const longWait = 60_000;

export function queueFinding({ ready, running, workers }: ControlFigures): Found {
  const message = `${plural(ready.count, "job waits", "jobs wait")}, ${running} run, ${plural(workers, "worker", "workers")}`;
  if (workers === 0) return wrong(message, "see daemon.log in the data directory");
  if (ready.oldest < longWait) return fine(message);
  const waits = `${message}; the first since ${Math.round(ready.oldest / 1000)} s`;
  return running === 0
    ? wrong(waits, "see daemon.log in the data directory")
    : doubtful(waits, "all workers are busy; see: fairway runs --active");
}

export const attentionFinding = (runs: readonly string[]): Found =>
  runs.length === 0
    ? fine("no run wants somebody to look")
    : doubtful(`${runs.join(", ")} want somebody to look`, `see what to do: fairway run show ${runs[0]}`);

/** Notices or reports that were given up. */
export const outboxFinding = (problems: readonly string[], waiting: number): Found =>
  problems.length > 0
    ? wrong(problems.join("; "), "mend what they say, then: fairway notices retry")
    : fine(waiting === 0 ? "everything has arrived" : `${waiting} on their way`);

/** A webhook is read within a second or two. */
const longestUnread = 300;

export const webhooksFinding = (count: number, oldest: number | null): Found =>
  (oldest ?? 0) > longestUnread
    ? doubtful(`${count} wait to be read, the first since ${Math.round(oldest ?? 0)} s`, "see: fairway hooks received")
    : fine(count === 0 ? "all were read" : `${count} wait to be read`);

export const triggersFinding = ({ count, why }: DoctorFacts["failedFirings"]): Found =>
  count === 0
    ? fine("none failed within a day")
    : doubtful(
        `${count} failed within a day, the last because ${why ?? "nobody knows"}`,
        "see: fairway triggers fired",
      );

export const driftFinding = (count: number): Found =>
  count === 0
    ? fine("no difference is known")
    : doubtful(
        `${plural(count, "resource is", "resources are")} not as their code says`,
        "see: fairway infrastructure drift",
      );

/** How many people can open the door again when somebody leaves. */
export function peopleFinding({ all, admins }: DoctorFacts["people"], loginNeeded: boolean): Found {
  if (!loginNeeded) return fine("nobody logs in: only this machine's own address is listened on");
  const message = `${plural(all, "person", "people")}, ${plural(admins, "administrator", "administrators")}`;
  if (admins === 0) return wrong(message, "start the daemon with FAIRWAY_NEW_ADMINISTRATOR=1");
  return admins === 1 && all > 1
    ? doubtful(message, "make another, for the day that one is away: fairway roles grant NAME admin")
    : fine(message);
}

export const tokensFinding = (ending: readonly string[]): Found =>
  ending.length === 0
    ? fine("none that is used ends within two weeks")
    : doubtful(`${ending.join(", ")} end within two weeks`, "make new ones: fairway tokens create");

/** Whose rights the commands of users' code have. */
export const stepsFinding = (uid: number | null, stepsUser: string | undefined): Found =>
  uid !== 0
    ? fine("run as the daemon's user, who is not root")
    : stepsUser === undefined
      ? doubtful(
          "checks, builds and workflows run as root",
          "run workflows as somebody else: fairway up --steps-user NAME",
        )
      : fine(`workflows run as ${stepsUser}`);

/** Where the configuration's addresses may lead besides the internet; `wanting` says what names private ranges itself. */
export const outgoingFinding = (allowed: string | undefined, wanting: readonly string[]): Found =>
  allowed !== undefined
    ? fine(`the configuration may name what is at ${allowed.replaceAll(",", ", ")}, besides public addresses`)
    : wanting.length > 0
      ? doubtful(
          `${wanting.join(", ")} ${wanting.length === 1 ? "names" : "name"} private addresses, and none are let in`,
          "if they are meant: fairway up --allow-private RANGES",
        )
      : fine("notices and forges are asked at public addresses only");

const little = 256 * 1024 ** 2;

/** Null where the system does not say. */
export function memoryFinding(available: number | null): Found {
  if (available === null) return fine("the system does not say how much is free");
  const message = `${Math.floor(available / 1024 ** 2)} MiB can be had`;
  return available < little
    ? doubtful(message, "give the machine more, or services less: limits.memory")
    : fine(message);
}

/** Files of which nobody else may read anything; `open` are those that somebody may. */
export const privateFinding = (what: string, open: readonly string[]): Found =>
  open.length === 0
    ? fine(`nobody else may read ${what}`)
    : wrong(`others may read ${open.slice(0, 3).join(", ")}`, `keep them to yourself: chmod go-rwx ${open[0]}`);

export function certificatesFinding(problems: readonly string[], count: number): Found {
  if (problems.length > 0)
    return doubtful(problems.join("; "), "put a new one in its place, then: fairway router reload");
  return fine(count === 0 ? "none is used" : `${plural(count, "is", "are")} valid for three weeks at least`);
}
