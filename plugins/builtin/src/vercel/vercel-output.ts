import { existsSync, lstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, join, normalize, sep } from "node:path";
import type { BundleFile } from "../hosted/bundle-files.ts";
import { bundleFile, bundleFiles } from "../hosted/bundle-files.ts";
import { recordOf, textOf } from "../hosted/platform-api.ts";

/** What `vercel build` left, as Vercel is sent it; every path is from the folder that has `.vercel`. */
export type VercelOutput =
  | {
      readonly files: readonly BundleFile[];
      /** Whose variables the build was given, as `vercel build` writes it down; null where it did not. */
      readonly builtFor: string | null;
    }
  | { readonly refused: string };

const place = ".vercel/output";
const configOfFunction = ".vc-config.json";

/**
 * Every file of a release's `.vercel/output`, and those beside it that its functions name in `filePathMap`, as Vercel's own
 * program sends them. Refused where one of these is not in the artifact: Vercel would take the deployment, and the function
 * would fail once somebody asks for it.
 */
export async function vercelOutput(directory: string): Promise<VercelOutput> {
  const folder = outputIn(directory);
  if (folder === undefined)
    return {
      refused: `has no ${place}: its build must leave one, with \`vercel build\` or another program, as its \`output\``,
    };
  const own = (await bundleFiles(folder)).map((file) => ({ ...file, path: `${place}/${file.path}` }));
  const named = await namedByFunctions(folder, own);
  if ("refused" in named) return named;
  const there = new Set(own.map(({ path }) => path));
  const root = folder === join(directory, place) ? directory : undefined;
  const beside: BundleFile[] = [];
  const missing: { readonly path: string; readonly by: string }[] = [];
  for (const [path, by] of named.paths) {
    if (there.has(path)) continue;
    const found = root === undefined ? undefined : lstatSync(join(root, path), { throwIfNoEntry: false });
    if (root === undefined || found === undefined) missing.push({ path, by });
    else if (!found.isDirectory()) beside.push(await bundleFile(root, path));
  }
  const [first] = missing;
  if (first === undefined) return { files: [...own, ...beside], builtFor: await builtFor(folder) };
  const more = missing.length === 1 ? "" : `, and ${missing.length - 1} more`;
  return {
    refused: `has a function ${first.by} that needs ${first.path}, which is not in its artifact${more}: build with \`vercel build --standalone\`, or let \`output\` be the folder that has both ${place} and that file`,
  };
}

/** The artifact is a `.vercel/output`, or has one. */
const outputIn = (directory: string): string | undefined =>
  [directory, join(directory, "output"), join(directory, place)].find((folder) =>
    existsSync(join(folder, "config.json")),
  );

async function builtFor(folder: string): Promise<string | null> {
  const file = join(folder, "builds.json");
  if (!existsSync(file)) return null;
  return textOf(recordOf(parsed(await readFile(file, "utf8")))["target"]) ?? null;
}

/** Files of the repository that functions name instead of having them, each with the first function that does. */
async function namedByFunctions(
  folder: string,
  files: readonly BundleFile[],
): Promise<{ readonly paths: ReadonlyMap<string, string> } | { readonly refused: string }> {
  const paths = new Map<string, string>();
  for (const { path } of files) {
    if (!path.endsWith(`/${configOfFunction}`)) continue;
    const inside = path.slice(place.length + 1);
    const by = inside.replace(/^functions\//u, "").slice(0, -configOfFunction.length - 1);
    const written = parsed(await readFile(join(folder, inside), "utf8"));
    if (written === undefined) return { refused: `has a function ${by} whose ${inside} is no JSON: build it again` };
    for (const named of Object.values(recordOf(recordOf(written)["filePathMap"]))) {
      if (typeof named !== "string") continue;
      const clean = normalize(named).split(sep).join("/");
      // What lies outside is not sent by Vercel's own program either.
      if (isAbsolute(clean) || clean === ".." || clean.startsWith("../")) continue;
      if (!paths.has(clean)) paths.set(clean, by);
    }
  }
  return { paths };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Who asked says which file it is.
    return undefined;
  }
}
