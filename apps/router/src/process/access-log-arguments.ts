import { resolve } from "node:path";
import type { AccessLogSettings } from "../access-log/access-log.ts";

/** The flags of the access log, in the form of `parseArgs`. */
export const accessLogFlags = {
  "access-log": { type: "string" },
  "access-log-sample": { type: "string" },
  "access-log-queries": { type: "boolean" },
  "access-log-bytes": { type: "string" },
  "access-log-keep": { type: "string" },
} as const;

/** What holds where nothing is said: 64 MiB, five of them, and no values of queries. */
export const usualAccessLog: Pick<AccessLogSettings, "queries" | "rotation"> = {
  queries: false,
  rotation: { bytes: 64 * 1024 * 1024, keep: 5 },
};

/** What was given for them. */
interface Given {
  readonly "access-log"?: string | undefined;
  readonly "access-log-sample"?: string | undefined;
  readonly "access-log-queries"?: boolean | undefined;
  readonly "access-log-bytes"?: string | undefined;
  readonly "access-log-keep"?: string | undefined;
}

/** The settings they make; a string says what is wrong with them, null that there is to be no such log. */
export function accessLogFrom(given: Given): AccessLogSettings | string | null {
  const { "access-log": path, "access-log-sample": sample = "1" } = given;
  const { rotation } = usualAccessLog;
  const { "access-log-bytes": bytes = String(rotation.bytes), "access-log-keep": keep = String(rotation.keep) } = given;
  if (path === undefined) {
    const without = Object.keys(given).find((name) => name.startsWith("access-log-"));
    return without === undefined ? null : `--${without} says nothing without --access-log FILE`;
  }
  if (!/^(?:0|1|[01]?\.\d+)$/.test(sample) || Number(sample) > 1) {
    return `--access-log-sample "${sample}" is not between 0 and 1`;
  }
  if (!/^\d{4,13}$/.test(bytes)) return `--access-log-bytes "${bytes}" is not a number from 1000`;
  if (!/^\d{1,3}$/.test(keep)) return `--access-log-keep "${keep}" is not a number up to 999`;
  return {
    path: resolve(path),
    sample: Number(sample),
    queries: given["access-log-queries"] === true,
    rotation: { bytes: Number(bytes), keep: Number(keep) },
  };
}

/** The flags for another process of the same router. */
export const accessLogArguments = ({ path, sample, queries, rotation }: AccessLogSettings): readonly string[] => [
  ...["--access-log", path, "--access-log-sample", sample.toFixed(9)],
  ...["--access-log-bytes", String(rotation.bytes), "--access-log-keep", String(rotation.keep)],
  ...(queries ? ["--access-log-queries"] : []),
];
