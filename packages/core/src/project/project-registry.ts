import type { Value } from "./project.ts";

/** The registry that a project's images go through. */
export interface ProjectRegistry {
  /** What every image's name begins with: `registry.example.com:5000/shop`. */
  readonly server: string;
  /** Absent where it asks nobody who they are; secrets are those of builds. */
  readonly login?: { readonly username: Value; readonly password: { readonly secret: string } } | undefined;
  /** Absolute, on the machine of the daemon: whom its certificate is trusted by. Absent for those that everybody trusts. */
  readonly ca?: string | undefined;
  /** Set where it is spoken to without TLS, which is for one at this machine's loopback. */
  readonly insecure?: true | undefined;
  /** Of how many of the newest releases the images stay there, besides those that are needed; absent: all of them stay. */
  readonly keep?: number | undefined;
}

/** A place of images, as a host and what it calls them. */
export interface ImageName {
  /** `registry.example.com:5000`. */
  readonly host: string;
  /** `shop/api`. */
  readonly repository: string;
}

/** Takes `host:port/path/name` apart, without tag and digest; null for what names no host. */
export function imageNameOf(image: string): ImageName | null {
  const [, host, repository] = /^([^/]+)\/(.+)$/.exec(image) ?? [];
  // As every engine reads it: a first part without a dot, a port or `localhost` is a folder of Docker Hub.
  if (host === undefined || repository === undefined || !/[.:]|^localhost$/.test(host)) return null;
  return { host, repository };
}

/** A part of an image's name, as the distribution specification allows it: `pr_42` stays, `Shop!` becomes `shop`. */
export const imagePart = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "project";

/** Where a project's registry keeps the images of a service. */
export const imageInRegistry = ({ server }: ProjectRegistry, service: string): string =>
  `${server}/${imagePart(service)}`;

/** Whether an image is kept by this registry under this project's prefix. */
export const isInRegistry = (registry: ProjectRegistry | undefined, image: string): registry is ProjectRegistry =>
  registry !== undefined && image.startsWith(`${registry.server}/`);

/** A host that is this machine alone: nobody else hears what is said to it without TLS. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
