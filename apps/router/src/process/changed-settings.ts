import { isAbsolute } from "node:path";
import { usualAccessLog } from "./access-log-arguments.ts";
import { isWorkerCount, type RouterArguments } from "./arguments.ts";

/** What an upgrade may change of a router that runs. What is left out stays as it is. */
export interface ChangedSettings {
  readonly workers?: number;
  /** Null ends it. */
  readonly accessLog?: { readonly file: string; readonly sample: number } | null;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? "nothing";

/** Reads `{ workers?, accessLog?: { file, sample? } | null }`; a string says what is wrong with it. */
export function changedSettings(sent: unknown): ChangedSettings | string {
  if (sent === undefined) return {};
  if (!isFields(sent)) return "the settings are not an object";
  const { workers, accessLog, ...rest } = sent;
  const [strange] = Object.keys(rest);
  if (strange !== undefined) return `an upgrade changes no setting ${shown(strange)}`;
  if (workers !== undefined && !isWorkerCount(workers)) return `workers ${shown(workers)} is not a number from 1 to 64`;
  const log = accessLog === undefined || accessLog === null ? accessLog : accessLogFrom(accessLog);
  if (typeof log === "string") return log;
  return { ...(workers === undefined ? {} : { workers }), ...(log === undefined ? {} : { accessLog: log }) };
}

function accessLogFrom(sent: unknown): NonNullable<ChangedSettings["accessLog"]> | string {
  if (!isFields(sent)) return "accessLog is neither an object nor null";
  const { file, sample = 1, ...rest } = sent;
  const [strange] = Object.keys(rest);
  if (strange !== undefined) return `accessLog has no ${shown(strange)}`;
  if (typeof file !== "string" || !isAbsolute(file)) return `accessLog file ${shown(file)} is not an absolute path`;
  if (typeof sample !== "number" || !(sample >= 0 && sample <= 1)) {
    return `accessLog sample ${shown(sample)} is not between 0 and 1`;
  }
  return { file, sample };
}

/** What the router is to be from now on. How its access log is rotated stays as it is. */
export function withSettings(router: RouterArguments, { workers, accessLog }: ChangedSettings): RouterArguments {
  return {
    ...router,
    ...(workers === undefined ? {} : { workers }),
    ...(accessLog === undefined
      ? {}
      : {
          accessLog:
            accessLog === null
              ? null
              : { ...(router.accessLog ?? usualAccessLog), path: accessLog.file, sample: accessLog.sample },
        }),
  };
}
