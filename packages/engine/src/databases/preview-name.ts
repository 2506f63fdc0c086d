import { createHash } from "node:crypto";

/** A service of a preview: each has a database of its own. */
export interface PreviewPlace {
  /** As the preview is called: `pr-42`. */
  readonly preview: string;
  readonly service: string;
}

/** PostgreSQL cuts longer names off without a word, and two cut names may be the same. */
const longestName = 63;

/**
 * What the databases of one installation begin with. A server may serve several installations, and none of them may take
 * away what belongs to another.
 */
const prefixOf = (installation: string, kind: "pv" | "tp"): string => `fw_${kind}_${short(installation, 8)}_`;

/**
 * The name of a preview's database, of its role and of its schema. The digest at the end tells apart what would be the same
 * after its signs are replaced; the words before it are for whoever looks at the server.
 */
export function previewDatabaseName(installation: string, { preview, service }: PreviewPlace): string {
  const digest = short(JSON.stringify([preview, service]), 12);
  const prefix = prefixOf(installation, "pv");
  const words = `${preview}_${service}`.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "_");
  return `${prefix}${words.slice(0, longestName - prefix.length - digest.length - 1)}_${digest}`;
}

/** The name of a template, by what it was made of. */
export const templateName = (installation: string, key: string): string =>
  `${prefixOf(installation, "tp")}${short(key, 16)}`;

/** What a template is called until it is whole. */
export const unfinishedTemplate = (template: string): string => `${template}_new`;

/** What a template is to be called, of its name while it is made; another name is its own. */
export const finishedTemplate = (name: string): string => name.replace(/_new$/u, "");

/** Whether a name on a server is that of a preview of this installation. */
export const isPreviewOf = (installation: string, name: string): boolean =>
  name.startsWith(prefixOf(installation, "pv"));

/** Whether a name on a server is that of a template of this installation, whole or not. */
export const isTemplateOf = (installation: string, name: string): boolean =>
  name.startsWith(prefixOf(installation, "tp"));

const short = (text: string, letters: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, letters);
