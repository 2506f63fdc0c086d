import type { Bytes } from "@fairway/core";

/** A size as people write it. */
export const bytesForm: RegExp = /^(\d+(?:\.\d+)?) ?(KiB|MiB|GiB|KB|MB|GB)$/u;

const units: Readonly<Record<string, Bytes>> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

/** The bytes of `256MiB`, `1.5GiB` or `500MB`; undefined for anything else. */
export function bytesOf(written: string): Bytes | undefined {
  const [, amount, unit] = bytesForm.exec(written) ?? [];
  return amount === undefined || unit === undefined ? undefined : Math.round(Number(amount) * (units[unit] ?? 0));
}
