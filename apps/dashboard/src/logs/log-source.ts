/** Which one log is shown. */
export type LogSource =
  | { readonly run: string; readonly job: string; readonly step: string }
  | { readonly environment: string; readonly service: string; readonly replica: string };
