import type { NoticeKind } from "./notice.ts";

/** The name of a secret. */
export interface SecretName {
  readonly secret: string;
}

/** What kind of place a channel is, with what reaches it. */
export type NoticePlace =
  | { readonly kind: "slack-webhook"; readonly url: SecretName }
  | {
      readonly kind: "slack";
      readonly token: SecretName;
      readonly channel: string;
      readonly api: string;
      /** Whether approvers are written to alone, with a link. */
      readonly links?: boolean | undefined;
    }
  | { readonly kind: "webhook"; readonly url: string; readonly secret: SecretName }
  | {
      readonly kind: "email";
      readonly server: string;
      readonly from: string;
      readonly to: readonly string[];
      readonly username: string | null;
      readonly password: SecretName | null;
    }
  | { readonly kind: "pagerduty"; readonly routingKey: SecretName; readonly api: string }
  | { readonly kind: "datadog"; readonly apiKey: SecretName; readonly api: string }
  | {
      readonly kind: "alertmanager";
      readonly url: string;
      readonly user: string | null;
      /** A password where there is a user, else a bearer token; null where nothing is asked for. */
      readonly password: SecretName | null;
    }
  /** Hears of nothing but that Fairway is there. */
  | { readonly kind: "dead-mans-switch"; readonly url: SecretName }
  | {
      readonly kind: "jira";
      readonly url: string;
      readonly project: string;
      readonly issueType: string;
      readonly user: string;
      readonly token: SecretName;
    };

/** Where notices go, and which. */
export interface NoticeChannel {
  readonly name: string;
  readonly place: NoticePlace;
  readonly about: readonly NoticeKind[];
  /** null: of every environment, and of what belongs to none. */
  readonly environments: readonly string[] | null;
  /** Where it is among what the operator lets in of private addresses, as ranges; anywhere there when empty. */
  readonly allowPrivate: readonly string[];
}

/** The names of the secrets that a place needs. */
export const secretsOfPlace = (place: NoticePlace): readonly string[] =>
  Object.values(place).flatMap((value: unknown) =>
    typeof value === "object" && value !== null && "secret" in value && typeof value.secret === "string"
      ? [value.secret]
      : [],
  );

/** Whether a channel wants to hear of something. */
export const wants = (
  { about, environments }: Pick<NoticeChannel, "about" | "environments">,
  notice: { readonly kind: NoticeKind; readonly environment: string | null },
): boolean =>
  about.includes(notice.kind) &&
  (environments === null || (notice.environment !== null && environments.includes(notice.environment)));

/**
 * Where an alert goes that does not arrive at a channel: those after it in their order and then those before it, whatever else
 * they want to hear of, but none that is of other environments.
 */
export function channelsAfter(
  all: readonly NoticeChannel[],
  failing: string,
  environment: string | null,
): readonly NoticeChannel[] {
  const at = all.findIndex(({ name }) => name === failing);
  return [...all.slice(at + 1), ...all.slice(0, Math.max(0, at))].filter(
    ({ place, environments }) =>
      place.kind !== "dead-mans-switch" &&
      (environments === null || (environment !== null && environments.includes(environment))),
  );
}
