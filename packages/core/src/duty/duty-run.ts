import type { Argv } from "../project/project.ts";
import type { ContentRun } from "../content/content-runs.ts";
import type { AwsAccess } from "../environment/environment-aws.ts";
import type { Millis } from "../units.ts";

/** What shows a duty by itself. */
export type DutyRun = {
  /** Whether it is begun when its time comes, and not only when somebody asks for it. */
  readonly scheduled: boolean;
} & (
  | {
      readonly kind: "command";
      readonly argv: Argv;
      readonly timeout: Millis;
      /** Names of secrets, by the variables that it is told them in. */
      readonly secrets: Readonly<Record<string, string>>;
    }
  | { readonly kind: "playbook"; readonly playbook: string }
  /**
   * Looks for keys in the files of a commit, of the release that it is owed for with all that it brings or of the one whose
   * duties hold; in all that was ever committed; or in the logs of all that ran.
   */
  | { readonly kind: "scan"; readonly what?: "history" | "logs" | undefined }
  /** Tells channels something, all of them where it is null, and sees whether it arrives. */
  | { readonly kind: "notices"; readonly channels: readonly string[] | null }
  | ProbeRun
  | AwsKeyProbe
  | RotationRun
  | ContentRun
);

/** A question by HTTP: what answers otherwise than it should, or not at all, does not work. */
export interface ProbeRun {
  readonly kind: "probe";
  /** `{{NAME}}` at its beginning stands for the address that the store of secrets has by that name. */
  readonly url: string;
  /** `{{secret}}` in a value stands for the key. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters of the address; `{{secret}}` in a value stands for the key. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** `{{secret}}` in either stands for the key. */
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  /** The name of the key in the store of secrets; null where none is needed. */
  readonly secret: string | null;
  readonly status: number;
  readonly timeout: Millis;
}

/** A question to AWS, signed with the key itself: whose it is. Nobody needs a permission for that. */
export interface AwsKeyProbe {
  readonly kind: "awsKey";
  /** The secret that holds the access key's id. */
  readonly id: string;
  /** The secret that holds the key. */
  readonly secret: string;
  readonly region: string;
  /** The account that it must be of; null where any will do. */
  readonly account: string | null;
}

/** Where the name of a secret stands in a probe's `url` that has its beginning in the store. */
export const addressPlace: RegExp = /^\{\{([A-Z][A-Z0-9_]{0,99})\}\}/;

/** The name of the secret that has a probe's address; null where the probe has it itself. */
export const addressName = (probe: ProbeRun): string | null => addressPlace.exec(probe.url)?.[1] ?? null;

/** The name in the store of what a duty is asked with and is no key of its own: an address, or the id of a key. */
export const nameBeside = (run: DutyRun | null | undefined): string | null =>
  run?.kind === "probe" ? addressName(run) : run?.kind === "awsKey" ? run.id : null;

/** The name by which the store has a new key while it is exchanged; null where nothing is made there. */
export const nameMeanwhile = (run: DutyRun | null | undefined): string | null =>
  run?.kind === "rotation" && run.driver !== "aws-secrets-manager" ? `${run.store}_NEXT` : null;

/** An exchange of a key: made by Fairway, or by the store that keeps it. */
export type RotationRun = RoleRotation | ManagedRotation | CommandRotation;

/** An exchange whose three doings are programs of the repository, for a vendor that Fairway does not know. */
export interface CommandRotation {
  readonly kind: "rotation";
  readonly driver: "command";
  /** The secret that holds the key. */
  readonly store: string;
  /** Makes a new key and writes it out, and nothing else. Asked twice with one FAIRWAY_ROTATION it makes one. */
  readonly create: Argv;
  /** Ends with 0 when FAIRWAY_KEY works, and with 1 when it is refused; any other way says that it could not be found out. */
  readonly verify: Argv;
  /** Takes FAIRWAY_KEY away. May be repeated. */
  readonly revoke: Argv;
  /** Names of secrets, by the variables that all three are told them in. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly timeout: Millis;
  readonly consumed: boolean;
}

/**
 * An exchange of what AWS Secrets Manager keeps: made there by the function that the secret has, or by Fairway with the
 * programs that make a key and take it away.
 */
export interface ManagedRotation {
  readonly kind: "rotation";
  readonly driver: "aws-secrets-manager";
  readonly access: AwsAccess;
  /** Its name or ARN there. */
  readonly secret: string;
  /** Whether services use it: then the release that runs is deployed again. */
  readonly consumed: boolean;
  /**
   * A program that says whether a key works; absent where nobody can see that the old one is refused, which is no whole
   * exchange.
   */
  readonly verify?: {
    readonly argv: Argv;
    readonly secrets: Readonly<Record<string, string>>;
    readonly timeout: Millis;
  };
  /**
   * Absent where the secret has a function of its own. Only with `verify`: what nobody has tried is never made the current one.
   */
  readonly programs?: Pick<CommandRotation, "create" | "revoke">;
}

/** Somebody else's store of secrets, as it exchanges one. Each call may be repeated; the same key is one exchange. */
export interface SecretRotator {
  /** The version that is in use; null where there is none. */
  current(of: ManagedRotation): Promise<string | null>;
  /** Asks for an exchange. Throws `not_allowed_now` where the store cannot make one. */
  begin(of: ManagedRotation, key: string): Promise<void>;
  isOver(of: ManagedRotation, key: string): Promise<boolean>;
  /** The value in use and the one before it; null for one that there is not. Neither is kept anywhere. */
  values(of: ManagedRotation): Promise<{ readonly current: string | null; readonly previous: string | null }>;
  /** An exchange that Fairway makes there itself; the same key is one exchange. */
  own(of: ManagedRotation, key: string): StoredExchange;
}

/** One exchange in somebody else's store, in steps of which each may be repeated. */
export interface StoredExchange {
  /** The version that this exchange makes, and the one that it takes the place of; null where there was none. */
  look(): Promise<{
    readonly version: string;
    readonly before: string | null;
    readonly stands: "not begun" | "put aside" | "current";
  }>;
  /** Keeps a new value that nobody uses yet. Throws `not_allowed_now` while another was put aside, by this exchange or any. */
  putAside(value: string): Promise<void>;
  /** The value that was put aside, to try it. Throws `not_allowed_now` where somebody took it away. */
  newValue(): Promise<string>;
  /** The value before; null where it is not kept any more. */
  oldValue(): Promise<string | null>;
  makeCurrent(): Promise<void>;
  /** Makes the value before the current one again. */
  takeBack(): Promise<void>;
  /** Nothing is under way any more: another exchange may begin. */
  close(): Promise<void>;
}

/** An exchange of a key that Fairway makes itself. */
export interface RoleRotation {
  readonly kind: "rotation";
  readonly driver: "postgres-role";
  /** The secret that holds the address with user and password. */
  readonly store: string;
  /** The secret that holds the address of somebody who may change roles. */
  readonly admin: string;
  /** Whether services use it: then the release that runs is deployed again before the old key is taken away. */
  readonly consumed: boolean;
}
