import { readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { messageOf } from "@fairway/core";
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import { PackageURL } from "packageurl-js";
import type { LockedPackage } from "./component.ts";
import { lockfiles } from "./lockfiles.ts";

/** Whose list it is. */
export interface SbomSubject {
  readonly service: string;
  readonly version: string;
  /** The service's folder and the checkout it lies in, both absolute. */
  readonly folder: string;
  readonly checkout: string;
}

/** A lockfile this large is not read: it is a mistake or an attack. */
const largestLockfile = 64 * 1024 * 1024;

/**
 * The CycloneDX 1.6 list of what a service is made of, by the lockfiles in its folder and those above it in the
 * checkout; null when there is none. The same files give the same text, so it is kept once. A lockfile that cannot be
 * read is said in the list itself: a list that leaves something out in silence is worse than none.
 */
export async function sbomOf(subject: SbomSubject): Promise<string | null> {
  const found = await readLockfiles(foldersUp(subject.folder, subject.checkout));
  if (found.length === 0) return null;
  const component = new Models.Component(Enums.ComponentType.Application, subject.service, {
    version: subject.version,
    bomRef: subject.service,
  });
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component }) });
  for (const { path, packages, problem } of found) {
    const value = problem ?? `${packages.length} packages`;
    component.properties.add(new Models.Property(`fairway:lockfile:${relative(subject.checkout, path)}`, value));
  }
  for (const locked of unique(found.flatMap(({ packages }) => packages))) bom.components.add(componentOf(locked));
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 1 });
}

interface ReadFile {
  readonly path: string;
  readonly packages: readonly LockedPackage[];
  readonly problem: string | null;
}

/** Of each kind the nearest: a workspace's lockfile lies at its root, a service's own in its folder. */
async function readLockfiles(folders: readonly string[]): Promise<readonly ReadFile[]> {
  const found = await Promise.all(Object.keys(lockfiles).map((name) => nearest(folders.map((at) => join(at, name)))));
  return found.flatMap((file) => (file === null ? [] : [readPackages(file)]));
}

function readPackages({ path, text }: { readonly path: string; readonly text: string }): ReadFile {
  const read = lockfiles[basename(path)];
  if (read === undefined) throw new TypeError(`nobody reads ${basename(path)}`);
  try {
    if (text.length > largestLockfile) return { path, packages: [], problem: "not read: too large" };
    return { path, packages: read(text), problem: null };
  } catch (thrown) {
    const [why = ""] = messageOf(thrown).split("\n");
    return { path, packages: [], problem: `could not be read: ${why}` };
  }
}

async function nearest(paths: readonly string[]): Promise<{ readonly path: string; readonly text: string } | null> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT" || thrown.code === "EISDIR") return undefined;
      throw thrown;
    });
    if (text !== undefined) return { path, text };
  }
  return null;
}

/** The folder and those above it, up to the checkout. */
function foldersUp(folder: string, checkout: string): readonly string[] {
  const parts = relative(checkout, folder)
    .split("/")
    .filter((part) => part !== "");
  return parts.map((_, index) => join(checkout, ...parts.slice(0, parts.length - index))).concat(checkout);
}

const unique = (packages: readonly LockedPackage[]): readonly LockedPackage[] => [
  ...new Map(packages.map((one) => [`${one.ecosystem} ${one.name} ${one.version}`, one])).values(),
];

function componentOf({ ecosystem, name, version, hashes }: LockedPackage): Models.Component {
  const [group, bare] = name.startsWith("@") ? (name.split("/", 2) as [string, string]) : [undefined, name];
  const purl = new PackageURL(ecosystem, group, bare, version, undefined, undefined).toString();
  return new Models.Component(Enums.ComponentType.Library, bare, {
    version,
    purl,
    bomRef: purl,
    ...(group === undefined ? {} : { group }),
    hashes: new Models.HashDictionary(Object.entries(hashes) as [Enums.HashAlgorithm, string][]),
  });
}
