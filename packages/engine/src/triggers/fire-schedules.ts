import type { CommitHistory, Repository, Trigger } from "@fairway/core";
import type { Store, Transaction } from "../store/store.ts";
import type { NewFiring } from "../store/trigger-firings.ts";
import { keepFirings, settledSlot, settleSlot } from "../store/trigger-firings.ts";
import type { Schedule } from "./schedule.ts";
import { dueAt, scheduleKey } from "./schedule.ts";
import type { TriggerProject } from "./trigger-project.ts";

export interface SchedulesParts {
  readonly store: Store;
  readonly history: CommitHistory;
  readonly repository: Repository;
  readonly read: TriggerProject | null;
  readonly now: Date;
}

/** The time tables of a trigger. */
export const schedulesOf = ({ on }: Pick<Trigger, "on">): readonly Schedule[] =>
  on.flatMap((source) => (source.kind === "schedule" ? [source] : []));

/** A time table of something, and what fires by it. */
interface Timed {
  readonly name: string;
  readonly schedule: Schedule;
  readonly request: NewFiring["request"];
}

/** Fires what has come due since the last look, each time once; after a pause at most one run of each makes up for it. */
export async function fireSchedules(parts: SchedulesParts): Promise<void> {
  const { store, read, now } = parts;
  if (read === null) return;
  for (const timed of [...ofTriggers(read), ...(await ofWorkflows(parts))])
    await store.transaction((tx) => fireDue(tx, timed, read, now));
}

const ofTriggers = ({ project }: TriggerProject): readonly Timed[] =>
  (project.triggers ?? []).flatMap((trigger) =>
    schedulesOf(trigger).map((schedule) => ({
      name: trigger.name,
      schedule,
      request: {
        source: "configuration" as const,
        trigger,
        inputs: Object.fromEntries(
          trigger.inputs.map((input) => [input.name, input.default ?? input.options[0] ?? ""] as const),
        ),
      },
    })),
  );

const timesOfFiles = new Map<string, readonly Timed[]>();

/** `on.schedule` of the main branch's workflow files, where the configuration has a forge that lets them count. */
async function ofWorkflows({ history, repository, read }: SchedulesParts): Promise<readonly Timed[]> {
  if (read?.project.forge?.workflows !== true) return [];
  const known = timesOfFiles.get(read.sha);
  if (known !== undefined) return known;
  const { readWorkflow } = await import("@fairway/workflow");
  const files = (await history.filesIn(read.sha, ".github/workflows")).filter((file) => /\.ya?ml$/u.test(file));
  const found = await Promise.all(
    files.map(async (file): Promise<readonly Timed[]> => {
      const text = await repository.textOf(read.sha, file);
      const reading = text === undefined ? undefined : readWorkflow(text, file);
      if (reading === undefined || "problems" in reading) return [];
      return reading.workflow.triggers.schedules.map(({ cron, timezone }) => ({
        name: file,
        schedule: { cron, timezone: timezone ?? "UTC", catchUp: true },
        request: { source: "workflow", file, schedule: cron },
      }));
    }),
  );
  timesOfFiles.clear();
  timesOfFiles.set(read.sha, found.flat());
  return found.flat();
}

/** In one transaction with what it settles, so that no time is run twice, and none is settled that was not written down. */
async function fireDue(
  tx: Transaction,
  { name, schedule, request }: Timed,
  { branch, sha }: TriggerProject,
  now: Date,
): Promise<void> {
  const table = scheduleKey(schedule);
  const settled = await settledSlot(tx, name, table);
  // A schedule that is new has missed nothing.
  if (settled === null) return settleSlot(tx, name, table, now);
  const look = dueAt(schedule, settled, now);
  if (look.settled > settled) await settleSlot(tx, name, table, look.settled);
  if (look.due === null) return;
  const { slot, missed } = look.due;
  await keepFirings(tx, [
    {
      key: `${name} ${table} ${slot.toISOString()}`,
      trigger: name,
      cause: "schedule",
      ref: `refs/heads/${branch}`,
      sha,
      by: "schedule",
      request,
      document: null,
      state: "pending",
      why: `${table} came due at ${slot.toISOString()}${missed > 0 ? `; it makes up for ${missed === 999 ? "999 or more" : missed} before that ${missed === 1 ? "was" : "were"} missed` : ""}`,
    },
  ]);
}
