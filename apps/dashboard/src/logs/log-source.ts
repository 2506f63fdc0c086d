/** Which one log is shown. */
export type LogSource =
  | { readonly run: string; readonly job: string; readonly step: string }
  | { readonly environment: string; readonly service: string; readonly replica: string };

/** Its name for a file. */
export const fileNameOf = (source: LogSource): string =>
  `${("run" in source ? [source.run, source.job, source.step] : [source.replica]).join("-").replaceAll(/[^\w.-]+/g, "_")}.log`;
