import { readFile } from "node:fs/promises";
import type {
  ImageRegistry,
  OpenRegistry,
  ProjectRegistry,
  RegistryAccess,
  RegistryLogin,
  SecretSource,
} from "@fairway/core";
import { FairwayError, imageNameOf, messageOf } from "@fairway/core";
import { buildSecrets } from "../stages/service-command.ts";
import { valuesOf } from "../stages/step-command.ts";

/** What is needed to speak to a project's registry. */
export interface RegistryParts {
  readonly secrets: SecretSource;
  /** Opens a registry; absent where no plugin can. */
  readonly openRegistry?: OpenRegistry | undefined;
}

/** The certificate authority of this machine's registries, where the configuration names none. */
const registryAuthority = "FAIRWAY_REGISTRY_CA";

/**
 * How a registry is reached, with the values of its secrets. Throws `secret_missing`, `registry_refused` for a file that cannot
 * be read.
 */
export async function accessTo(registry: ProjectRegistry, secrets: SecretSource): Promise<RegistryAccess> {
  const { server, login, insecure } = registry;
  const ca = registry.ca ?? process.env[registryAuthority];
  return {
    host: hostOf(server),
    insecure: insecure ?? false,
    ca: ca === undefined || ca === "" ? null : await certificateIn(ca),
    login: login === undefined ? null : await loginOf(login, secrets),
  };
}

async function loginOf(login: NonNullable<ProjectRegistry["login"]>, secrets: SecretSource): Promise<RegistryLogin> {
  const values = await valuesOf(secrets, buildSecrets, { ...login });
  const username = typeof login.username === "string" ? login.username : (values["username"] ?? "");
  return { username, password: values["password"] ?? "" };
}

const hostOf = (server: string): string => imageNameOf(server)?.host ?? server;

const certificateIn = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((thrown: unknown) => {
    throw new FairwayError(
      "registry_refused",
      `could not read the certificate of the registry's authority: ${messageOf(thrown)}`,
      {
        hint: `Look at \`registry.ca\`, or at ${registryAuthority} of the daemon.`,
        cause: thrown,
      },
    );
  });

/** The registry of a project, opened, and what it calls an image of it. */
export interface OpenedImage {
  readonly registry: ImageRegistry;
  readonly access: RegistryAccess;
  /** Without the host. */
  readonly repository: string;
}

/** Opens the registry that an image is in. */
export async function openedImage(
  { secrets, openRegistry }: RegistryParts,
  registry: ProjectRegistry,
  image: string,
): Promise<OpenedImage> {
  const name = imageNameOf(image);
  if (openRegistry === undefined || name === null)
    throw new FairwayError("registry_refused", `${image} names no registry that can be spoken to`);
  const named = await accessTo(registry, secrets);
  const login = named.login ?? (await openRegistry.readyFor?.(named.host, name.repository)) ?? null;
  const access = { ...named, login };
  return { registry: openRegistry(access), access, repository: name.repository };
}
