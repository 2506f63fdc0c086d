/**
 * Every way Fairway says that it could not find out or could not do a thing. The list is closed: the documentation and
 * the API schema are compared with it by a test.
 */
export const errorCodes = {
  artifact_damaged: "An artifact's bytes no longer match the digest it is stored under.",
  artifact_refused: "What a build left behind cannot become an artifact.",
  backup_damaged: "A backup is not whole: a file is missing or its bytes have changed.",
  bad_request: "The request is not of the form that this route takes.",
  checkout_failed: "The repository's files could not be put in place.",
  command_failed: "A command could not be started or its outcome is unknown.",
  config_invalid: "The configuration has problems; each is listed with its place.",
  config_not_found: "There is no fairway.config.ts and no fairway.yaml.",
  daemon_not_running: "No daemon answers for this data directory.",
  daemon_running: "Another daemon holds this data directory.",
  data_directory_unusable: "The data directory cannot be created, read or written.",
  database_unavailable: "The database does not answer.",
  database_unusable: "The database can be reached but cannot be used as it is.",
  denied: "Who asks may not do this.",
  deadline_passed: "Something took longer than it was allowed to.",
  disk_full: "The disk has no room; Fairway only reads until there is.",
  expression_failed: "An expression of a workflow could not be read or computed.",
  fenced: "A newer holder has taken over; the effect was refused.",
  flags_invalid: "Feature flags have problems; each is listed with its place.",
  git_missing: "The git program is not installed.",
  internal: "A fault in Fairway itself.",
  key_unusable: "The key that seals secrets is missing, is another one, or may not be used as it lies there.",
  locked: "The environment is held by someone else.",
  needs_attention: "Nobody knows whether something took effect; a person must look before it is repeated.",
  not_a_repository: "The directory is not inside a git repository.",
  not_allowed_now: "The thing exists, but its state does not allow this.",
  not_found: "No such thing.",
  port_in_use: "The port is taken by another process.",
  quarantined: "The release's digest is in quarantine until a named person lifts it.",
  refused_listen: "Fairway refuses to listen on this address without a login.",
  registry_refused: "The image registry did not accept who we are, or what was asked of it.",
  registry_unavailable: "The image registry did not answer, or asked to be left alone for a while.",
  revision_not_found: "The repository has no such commit, branch or tag.",
  router_unavailable: "The router does not answer on its control socket.",
  seal_broken: "What was sealed is not what was sealed, or not for this purpose.",
  secret_missing: "A secret that the configuration refers to has no value.",
  secrets_unavailable: "A store of secrets is locked, refused who we are, or did not answer in time.",
  signing_refused: "A release could not be signed by who we are, or what is to verify it cannot be read.",
  signing_unavailable: "The authority or the log by which releases are signed did not answer in time.",
  step_up_required: "This needs a fresh proof of who asks: the password, or the identity provider, again.",
  stale_approval: "What was shown when the decision was made is no longer what would happen.",
  target_unreachable: "A target did not answer.",
  too_many_attempts: "Too many logins failed; the next is heard after a while.",
  tree_dirty: "The working tree has changes that are in no commit.",
  unauthenticated: "Nobody is logged in, or the session or token is not valid.",
  version_conflict: "What was to be changed has been changed by someone else in between.",
  workflow_invalid: "A workflow file has problems; each is listed with its place.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** What to do about it, as a sentence for a person. */
  readonly hint?: string | undefined;
  /** Whether the same call may succeed later with nothing changed by hand. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Several findings under one error: every problem of a configuration, say. Each is a line for a person. */
  readonly problems?: readonly string[];
}

/**
 * The one error class. Match on `code`, never with `instanceof`: an error that went through the durable engine or over
 * HTTP comes back as a plain object, and only own properties survive. `name` is an own property for that reason.
 */
export class FairwayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly problems: readonly string[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, "name", { value: "FairwayError", enumerable: true });
    this.code = code;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.problems = details.problems ?? [];
  }
}

/** The code of whatever was thrown, when it is one of ours; also of an error that was replayed or came over the wire. */
export function codeOf(thrown: unknown): ErrorCode | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  const { code } = thrown;
  return typeof code === "string" && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : undefined;
}

/** The sentence of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === "object" && thrown !== null && "message" in thrown) return String(thrown.message);
  return String(thrown);
}
