import type { Folder } from "./folder.ts";
import { filesIn } from "./folder.ts";

/** Files that say how a repository is deployed today: workflows, scripts and task definitions. */
export type DeployTexts = readonly { readonly file: string; readonly text: string }[];

const folders = [
  ".",
  ".github/workflows",
  ".aws",
  "aws",
  "ecs",
  "scripts",
  "deploy",
  "infrastructure",
  "infra",
  "ops",
  "ci",
];
const telling = /\.(?:ya?ml|sh|bash|mk)$|^(?:Makefile|Justfile|justfile|deploy[\w.-]*)$|^task-?def[\w.-]*\.json$/u;

/** Reads what may say how a repository is deployed. Nothing of it is run. */
export const deployTextsOf = (root: Folder, ofServices: readonly string[]): DeployTexts =>
  [...new Set([...folders, ...ofServices])].flatMap((folder) =>
    filesIn(root.root, folder)
      .filter((file) => telling.test(file.slice(file.lastIndexOf("/") + 1)))
      .flatMap((file) => {
        const text = root.read(file);
        return text === undefined ? [] : [{ file, text }];
      }),
  );
