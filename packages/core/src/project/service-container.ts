import type { Digest } from "../ids.ts";
import type { Argv } from "./project.ts";

/** How a service that runs in a container gets its image. */
export interface ServiceContainer {
  /** One that is there already, by digest: `registry.example/api@sha256:…`. Null for one that is built. */
  readonly image: string | null;
  /** Relative to the service's folder, like the context. */
  readonly dockerfile: string;
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  /** Where the program in it always listens; null for one that heeds `PORT`. */
  readonly port: number | null;
  /** Whether its secrets are files in `secretsFolder`, and in its environment only where they are; absent for no. */
  readonly secretFiles?: boolean | undefined;
  /** `linux/amd64` and the like, of which one image is made together; absent for the engine's own. */
  readonly platforms?: readonly string[] | undefined;
}

/** Where a container finds its secrets as files, each named for its variable. Docker's own have the same place. */
export const secretsFolder = "/run/secrets";

/** What stands for the image's own command where a service has none of its own. */
export const imageCommand: Argv = ["fairway-image-command"];

/** Whether a command is the image's own. */
export const isImageCommand = ([program]: Argv): boolean => program === imageCommand[0];

/** An image that is pinned, as `name` and `digest`; null for what is no such reference. */
export function pinnedImage(reference: string): { readonly name: string; readonly digest: Digest } | null {
  const [, name, digest] = /^([a-z0-9][\w.:/-]*)@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
  return name === undefined || digest === undefined ? null : { name, digest };
}

/** What only this machine's engine has is named so, and found by its own digest alone. */
const localImages = "localhost/";

/** The reference that an image is taken by: always the same bytes. */
export const imageReference = (name: string, digest: Digest): string =>
  name.startsWith(localImages) ? digest : `${name}@${digest}`;
