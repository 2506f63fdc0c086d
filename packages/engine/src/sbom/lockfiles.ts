import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import type { LockedPackage } from "./component.ts";
import { hashesOfHex, hashesOfIntegrity } from "./component.ts";

/** Reads one kind of lockfile. Throws whatever its parser throws when the text is not of that kind. */
type ReadLockfile = (text: string) => readonly LockedPackage[];

/** The lockfiles that are understood, by their names, in the order in which they are looked for. */
export const lockfiles: Readonly<Record<string, ReadLockfile>> = {
  "package-lock.json": fromNpm,
  "npm-shrinkwrap.json": fromNpm,
  "pnpm-lock.yaml": fromPnpm,
  "poetry.lock": fromPython,
  "uv.lock": fromPython,
  "requirements.txt": fromRequirements,
};

/** docs.npmjs.com/cli/configuring-npm/package-lock-json, versions 2 and 3; what is only for development is left out. */
function fromNpm(text: string): readonly LockedPackage[] {
  const { packages = {} } = JSON.parse(text) as { readonly packages?: Readonly<Record<string, NpmEntry>> };
  return Object.entries(packages).flatMap(([place, { version, link, dev, integrity, name }]) => {
    const at = place.lastIndexOf("node_modules/");
    if (at < 0 || version === undefined || link === true || dev === true) return [];
    const known = name ?? place.slice(at + "node_modules/".length);
    return [{ ecosystem: "npm" as const, name: known, version, hashes: hashesOfIntegrity(integrity) }];
  });
}

interface NpmEntry {
  readonly name?: string;
  readonly version?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly integrity?: string;
}

/** Since version 6 of pnpm's lockfile a package's key is `name@version`, before with a `/` in front and peers behind. */
function fromPnpm(text: string): readonly LockedPackage[] {
  const { packages } = (parseYaml(text, { maxAliasCount: 0 }) ?? {}) as {
    readonly packages?: Readonly<Record<string, { readonly resolution?: { readonly integrity?: string } }>> | null;
  };
  return Object.entries(packages ?? {}).flatMap(([key, entry]) => {
    const [, name, version] = /^\/?((?:@[^/]+\/)?[^@/]+)@([^()]+)(?:\(.*)?$/u.exec(key) ?? [];
    if (name === undefined || version === undefined || version.includes(":")) return [];
    return [{ ecosystem: "npm" as const, name, version, hashes: hashesOfIntegrity(entry?.resolution?.integrity) }];
  });
}

/** Poetry's and uv's lockfiles both are TOML with a list `package`; what has no registry as its source is our own. */
function fromPython(text: string): readonly LockedPackage[] {
  const { package: packages = [] } = parseToml(text) as unknown as { readonly package?: readonly PythonEntry[] };
  return packages.flatMap(({ name, version, source, sdist }) => {
    if (version === undefined || source?.virtual !== undefined || source?.editable !== undefined) return [];
    return [{ ecosystem: "pypi" as const, name: normalized(name), version, hashes: hashesOfHex(sdist?.hash) }];
  });
}

interface PythonEntry {
  readonly name: string;
  readonly version?: string;
  readonly source?: { readonly virtual?: string; readonly editable?: string };
  readonly sdist?: { readonly hash?: string };
}

/** Only what is pinned: a range says nothing about what was installed. */
function fromRequirements(text: string): readonly LockedPackage[] {
  return text.split("\n").flatMap((line) => {
    const [, name, version] = /^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([\w.!+-]+)/u.exec(line) ?? [];
    if (name === undefined || version === undefined) return [];
    const hash = /--hash=(\S+)/u.exec(line)?.[1];
    return [{ ecosystem: "pypi" as const, name: normalized(name), version, hashes: hashesOfHex(hash) }];
  });
}

/** packaging.python.org/specifications/name-normalization */
const normalized = (name: string): string => name.replaceAll(/[-_.]+/gu, "-").toLowerCase();
