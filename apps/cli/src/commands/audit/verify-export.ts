import type { AuditFindingShape } from "@fairway/api";
import { verifyBundle, verifyExport as verify, verifySeal } from "@fairway/server";

/** Verifies an export without a daemon; heads and key are those of the export where no files bring others. */
export const verifyExport = (
  file: string,
  { heads, key }: { readonly heads?: string; readonly key?: string },
): Promise<AuditFindingShape> => verify(file, { heads: heads ?? null, key: key ?? null });

/** Verifies a bundle of a release without a daemon; `key`: the one that alone is trusted, in PEM. */
export const verifyBundleFile = (file: string, key: string | null): ReturnType<typeof verifyBundle> =>
  verifyBundle(file, key);

/** Verifies the seal of a quarter likewise. */
export const verifySealFile = (file: string, key: string | null): ReturnType<typeof verifySeal> =>
  verifySeal(file, key);
