import type { WrittenAccess } from "../resolve-aws.ts";
import type { WrittenCadence } from "./cadence-of.ts";

// What the files of `ops/` hold, as people write it.

/** People.yaml: who is meant by a role. */
export interface WrittenPeople {
  readonly roles: Readonly<
    Record<string, { readonly people: readonly { readonly name: string; readonly until?: string | undefined }[] }>
  >;
}

/** What every duty may say. */
export interface Shared {
  readonly task?: string | undefined;
  readonly automation?: string | undefined;
  readonly escalation?: readonly string[] | undefined;
  readonly remind?: readonly number[] | undefined;
}

/** A duty as people write it. */
export interface WrittenDuty extends WrittenCadence, Shared {
  readonly title: string;
  readonly owner: string;
  readonly environment?: string | undefined;
  readonly grace?: string | number | undefined;
  readonly watches?: readonly string[] | undefined;
  readonly run?: WrittenDutyRun | undefined;
}

/** What shows a duty by itself, as people write it: one of them. */
export interface WrittenDutyRun {
  readonly command?: readonly string[] | undefined;
  readonly playbook?: string | undefined;
  readonly probe?: WrittenProbe | undefined;
  readonly awsKey?: WrittenAwsKey | undefined;
  readonly rotation?: WrittenRotation | undefined;
  readonly scan?: true | "history" | "logs" | undefined;
  readonly notices?: true | readonly string[] | undefined;
  readonly docs?: WrittenDocs | undefined;
  readonly replay?: WrittenReplay | undefined;
  readonly summary?: true | undefined;
  readonly packet?: true | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly timeout?: string | number | undefined;
  readonly schedule?: boolean | undefined;
}

export interface WrittenAwsKey {
  readonly id: string;
  readonly region: string;
  readonly account?: string | undefined;
}

export interface WrittenProbe {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly basic?: { readonly user: string; readonly password?: string | undefined } | undefined;
  readonly status?: number | undefined;
}

export interface WrittenDocs {
  readonly paths: readonly string[];
  readonly external?: boolean | undefined;
}

export interface WrittenReplay {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
  readonly effects: { readonly url: string; readonly value: string };
}

export type WrittenRotation =
  | { readonly driver: "postgres-role"; readonly admin: string }
  | ({
      readonly driver: "aws-secrets-manager";
      readonly secret: string;
      readonly verify?: readonly string[] | undefined;
      readonly create?: readonly string[] | undefined;
      readonly revoke?: readonly string[] | undefined;
      readonly secrets?: Readonly<Record<string, string>> | undefined;
    } & WrittenAccess)
  | {
      readonly driver: "command";
      readonly create: readonly string[];
      readonly verify: readonly string[];
      readonly revoke: readonly string[];
      readonly secrets?: Readonly<Record<string, string>> | undefined;
    };

/** Duties.yaml: anything that is owed and stands in no other file. */
export interface WrittenDuties {
  readonly duties: Readonly<Record<string, WrittenDuty>>;
}

/** When something is owed. */
export interface WrittenCalendar {
  readonly every: string;
  readonly from?: string | undefined;
  readonly rolling?: boolean | undefined;
  readonly done?: string | undefined;
  readonly grace?: string | number | undefined;
  readonly run?: WrittenDutyRun | undefined;
}

/** Credentials.yaml: the keys there are, and never their values. */
export interface WrittenCredentials {
  readonly credentials: Readonly<
    Record<
      string,
      Shared & {
        readonly vendor: string;
        readonly kind: string;
        readonly environments: readonly string[];
        readonly owner: string;
        readonly store?: string | undefined;
        readonly consumers?: readonly string[] | undefined;
        readonly fallback?: string | undefined;
        readonly rotate?: WrittenCalendar | undefined;
        readonly health?: WrittenCalendar | undefined;
        readonly "access-review"?: WrittenCalendar | undefined;
      }
    >
  >;
}

/** Gates.yaml: what must be well before a release is taken. */
export interface WrittenGates {
  readonly gates: readonly {
    readonly environment: string;
    readonly require: readonly string[];
    readonly mode?: "block" | "warn" | undefined;
    readonly owner: string;
  }[];
  readonly waivers?: { readonly longest?: string | undefined; readonly approvers: readonly string[] } | undefined;
}

/** The front matter of a playbook. */
export interface WrittenPlaybook {
  readonly id: string;
  readonly title?: string | undefined;
  readonly owner: string;
  readonly reviewed: string;
  readonly review_every: string;
  readonly escalation: readonly string[];
  readonly state_refs?: readonly string[] | undefined;
  readonly watches?: readonly string[] | undefined;
  readonly task?: string | undefined;
}
