import type { ProjectRegistry } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { Registry } from "./project-config.ts";

/** Nothing where there is none, so that such a project is the same as before there were registries. */
export function resolveRegistry(written: Registry | undefined, ledger: Ledger): ProjectRegistry | undefined {
  if (written === undefined) return undefined;
  const { server, username, password, ca, insecure, keep } = written;
  const own = <Key extends keyof Registry>(key: Key, value: NonNullable<Registry[Key]>): NonNullable<Registry[Key]> =>
    ledger.own<NonNullable<Registry[Key]>>(["registry", key], value, value);
  return {
    server: own("server", server),
    ...(username === undefined || password === undefined
      ? {}
      : { login: { username: own("username", username), password: own("password", password) } }),
    ...(ca === undefined ? {} : { ca: own("ca", ca) }),
    ...(insecure === true && own("insecure", insecure) ? { insecure: true } : {}),
    ...(keep === undefined ? {} : { keep: own("keep", keep) }),
  };
}
