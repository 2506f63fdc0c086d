import { millisOf, textOfMillis } from "../duration.ts";
import { isRecord } from "../path.ts";

/** A plain value as a text; empty for everything else. */
export const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";

/** `8080:3000`, `127.0.0.1:8080:3000/tcp`, 3000 or the long form; null for ranges. */
export function portOf(
  said: unknown,
): { readonly target: number; readonly published: string | undefined; readonly tcp: boolean } | null {
  if (isRecord(said)) {
    const target = Number(said["target"]);
    const published = said["published"] === undefined ? undefined : textOf(said["published"]);
    return Number.isInteger(target) ? { target, published, tcp: (said["protocol"] ?? "tcp") === "tcp" } : null;
  }
  const [address = "", protocol = "tcp"] = textOf(said).split("/");
  const parts = address.split(":");
  const target = parts.at(-1) ?? "";
  return /^\d+$/u.test(target) ? { target: Number(target), published: parts.at(-2), tcp: protocol === "tcp" } : null;
}

/** `1m30s` and `500ms` as Fairway writes spans; undefined for what is none, and for none at all. */
export function spanOf(said: unknown): string | undefined {
  if (typeof said !== "string" || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|us|s))+$/u.test(said)) return undefined;
  const millis = [...said.matchAll(/\d+(?:\.\d+)?(?:h|ms|m|us|s)/gu)].reduce(
    (sum, [part]) => sum + (millisOf(part) ?? 0),
    0,
  );
  return millis >= 1 ? textOfMillis(Math.round(millis)) : undefined;
}

const sizes: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `512M`, `1gb` or bytes, in whole mebibytes; undefined below what a replica may have. */
export function sizeOf(said: unknown): string | undefined {
  const [, amount, unit = "b"] = /^(\d+(?:\.\d+)?)\s*([bkmg])?i?b?$/iu.exec(textOf(said)) ?? [];
  const mebibytes = Math.floor((Number(amount) * (sizes[unit.toLowerCase()] ?? 1)) / 1024 ** 2);
  return mebibytes >= 16 ? `${mebibytes}MiB` : undefined;
}

/** The host of an address: `redis` of `redis://redis:6379/0`, and of `redis:6379`; null when it is no address. */
export function hostOf(text: string): string | null {
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?([^/:?#\s]+)/iu.exec(text)?.[1];
  return url ?? /^([\w.-]+):\d{2,5}$/u.exec(text)?.[1] ?? null;
}

export const isPostgresPart = (name: string): boolean =>
  /^(?:POSTGRES_|PG(?:HOST|PORT|USER|PASSWORD|DATABASE)$|DB_(?:HOST|PORT|USER|USERNAME|NAME|PASS|PASSWORD)$)/u.test(
    name,
  );

/** The lines of an env file. */
export const linesOf = (text: string): readonly (readonly [string, string])[] =>
  text.split("\n").flatMap((line) => {
    const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/u.exec(line) ?? [];
    const plain = /^(["'])(.*)\1$/u.exec(value)?.[2] ?? value.replace(/\s+#.*$/u, "");
    return name === undefined ? [] : [[name, plain] as const];
  });
