/** Where a secret is found that another store keeps. */
export type SecretReference =
  /** HashiCorp Vault, its key-value store of version 2; the newest version when none is named. */
  | {
      readonly store: "vault";
      readonly mount: string;
      readonly path: string;
      readonly field: string;
      readonly version: number | null;
    }
  /** AWS Secrets Manager; a field of the JSON that it keeps, or all of the text. The version in use when none is named. */
  | { readonly store: "aws"; readonly id: string; readonly field: string | null; readonly version?: string }
  /** 1Password, in its own words. */
  | { readonly store: "op"; readonly reference: string }
  /** A file of `NAME=value` lines on the daemon's machine. */
  | { readonly store: "file"; readonly path: string; readonly name: string }
  /** What a program prints. */
  | { readonly store: "command"; readonly argv: readonly [string, ...string[]] };

/** What was read, or what is wrong with it and how it is written. */
export type ReadReference =
  | { readonly ok: true; readonly reference: SecretReference }
  | { readonly ok: false; readonly problem: string; readonly hint: string };

const forms =
  'write vault:MOUNT/PATH#FIELD, aws:ID#FIELD, op://VAULT/ITEM/FIELD, file:/PATH#NAME or command:["PROGRAM","WORD"]';

/** Reads a reference as people write it. */
export function readSecretReference(text: string): ReadReference {
  const no = (problem: string): ReadReference => ({ ok: false, problem, hint: forms });
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F]/.test(text) || text.length > 2000)
    return no("a reference is one line of at most 2000 characters");
  const [, store, rest = ""] = /^([a-z]+):(.*)$/.exec(text) ?? [];
  switch (store) {
    case "vault":
      return vault(rest) ?? no("a reference to Vault names a mount, a path and a field");
    case "aws": {
      const [, id, field, version] = /^([\w/+=.@:-]{1,512})(?:#(.+?))?(?:\?version=([\w-]{1,64}))?$/.exec(rest) ?? [];
      if (id === undefined || id.startsWith("-")) return no("a reference to AWS names a secret by its name or ARN");
      return {
        ok: true,
        reference: { store, id, field: field ?? null, ...(version === undefined ? {} : { version }) },
      };
    }
    case "op":
      if (!/^\/\/[^/]+\/[^/]+\/.+$/.test(rest))
        return no("a reference to 1Password names a vault, an item and a field");
      return { ok: true, reference: { store, reference: text } };
    case "file": {
      const [, path, name] = /^(\/.+)#([A-Za-z_]\w*)$/.exec(rest) ?? [];
      if (path === undefined || name === undefined)
        return no("a reference to a file names its whole path and a variable");
      return { ok: true, reference: { store, path, name } };
    }
    case "command":
      return command(rest) ?? no("a command is a list of words in JSON, of which the first is a program");
    default:
      return no(`${JSON.stringify(text.slice(0, 20))}… is no reference to a store of secrets`);
  }
}

function vault(rest: string): ReadReference | null {
  const [, where = "", field, version] = /^([^#?]+)#([^#?]+)(?:\?version=([1-9]\d{0,8}))?$/.exec(rest) ?? [];
  const [mount, ...path] = where.split("/");
  const isPlain = [mount, ...path].every((part) => part !== undefined && part !== "" && part !== "." && part !== "..");
  if (!isPlain || path.length === 0 || mount === undefined || field === undefined) return null;
  return {
    ok: true,
    reference: {
      store: "vault",
      mount,
      path: path.join("/"),
      field,
      version: version === undefined ? null : Number(version),
    },
  };
}

function command(rest: string): ReadReference | null {
  let words: unknown;
  try {
    words = JSON.parse(rest);
  } catch {
    return null;
  }
  if (!Array.isArray(words) || !words.every((word): word is string => typeof word === "string" && !word.includes("\0")))
    return null;
  const [program, ...more] = words;
  if (program === undefined || program === "") return null;
  return { ok: true, reference: { store: "command", argv: [program, ...more] } };
}
