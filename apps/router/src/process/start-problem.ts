/** Why a router could not start. */
export interface StartProblem {
  readonly code: "already_running" | "port_in_use" | "not_allowed_now" | "data_directory_unusable" | "internal";
  readonly message: string;
  /** The one that is taken. */
  readonly port?: number;
}
