import type { Millis } from "../units.ts";

/** A secret by its name, looked up in the scope `forge`. */
interface SecretName {
  readonly secret: string;
}

/** How Fairway says who it is: as an installed App, or with somebody's token. */
export type ForgeLogin =
  | { readonly kind: "app"; readonly app: number; readonly installation: number | null; readonly key: SecretName }
  | { readonly kind: "token"; readonly token: SecretName };

/** Where a project's repository is kept with others. */
export type ProjectForge =
  | {
      readonly kind: "git";
      /** The remote that is looked at; null looks at the branches of the repository itself. */
      readonly remote: string | null;
      readonly every: Millis;
      /** Whether `on:` of workflow files counts. */
      readonly workflows: boolean;
    }
  | {
      readonly kind: "github";
      /** `owner/name`. */
      readonly repository: string;
      /** By which the local repository knows it. */
      readonly remote: string;
      /** `https://api.github.com`, or that of an Enterprise Server. */
      readonly api: string;
      readonly login: ForgeLogin;
      /** What webhooks are signed with; null where none are taken. While it is changed both are good. */
      readonly webhookSecret: SecretName | null;
      readonly formerWebhookSecret: SecretName | null;
      readonly every: Millis;
      readonly workflows: boolean;
      /** Whether a tag that reaches the last environment gets a release there. */
      readonly releases: boolean;
      /** Where it is among what the operator lets in of private addresses, as ranges; anywhere there when empty. */
      readonly allowPrivate: readonly string[];
    };
