/** What a step wrote into one of its files: the values, or what is wrong with it, in the official runner's words. */
export type EnvFilePairs =
  | { readonly pairs: readonly (readonly [name: string, value: string])[] }
  | {
      /** What came before the mistake counts. */
      readonly pairs: readonly (readonly [name: string, value: string])[];
      readonly problem: string;
    };

/**
 * Reads GITHUB_ENV, GITHUB_OUTPUT or GITHUB_STATE: `NAME=value` a line, or `NAME<<DELIMITER`, lines, `DELIMITER`. Only LF
 * ends a line, so a carriage return stays in the value, as in the official runner (EnvFileKeyValuePairs).
 */
export function parseEnvFile(text: string): EnvFilePairs {
  const pairs: (readonly [string, string])[] = [];
  const reader = new LineReader(text.startsWith("\uFEFF") ? text.slice(1) : text);
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    if (line.text === "") continue;
    const equals = line.text.indexOf("=");
    const heredoc = line.text.indexOf("<<");
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs.push([line.text.slice(0, equals), line.text.slice(equals + 1)]);
    } else if (heredoc >= 0) {
      const name = line.text.slice(0, heredoc);
      const delimiter = line.text.slice(heredoc + 2);
      if (name === "" || delimiter === "") {
        return {
          pairs,
          problem: `Invalid format '${line.text}'. Name must not be empty and delimiter must not be empty`,
        };
      }
      const value = reader.until(delimiter);
      if ("problem" in value) return { pairs, problem: value.problem };
      pairs.push([name, value.text]);
    } else {
      return { pairs, problem: `Invalid format '${line.text}'` };
    }
  }
  return { pairs };
}

/** Reads GITHUB_PATH: one folder a line; empty lines say nothing. */
export function parsePathFile(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/** The folders that steps put before PATH: the newest first, each once. `added` is in the order in which it was written. */
export function withPaths(paths: readonly string[], added: readonly string[]): readonly string[] {
  let result = [...paths];
  for (const path of added) result = [path, ...result.filter((other) => other !== path)];
  return result;
}

interface Line {
  readonly text: string;
  readonly ended: boolean;
}

class LineReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Line | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const start = this.#at;
    const end = this.#text.indexOf("\n", start);
    this.#at = end < 0 ? this.#text.length : end + 1;
    return { text: this.#text.slice(start, end < 0 ? undefined : end), ended: end >= 0 };
  }

  until(delimiter: string): { readonly text: string } | { readonly problem: string } {
    const start = this.#at;
    let end = start;
    for (;;) {
      const line = this.next();
      if (line === undefined) return { problem: `Invalid value. Matching delimiter not found '${delimiter}'` };
      if (line.text === delimiter) return { text: end > start ? this.#text.slice(start, end) : "" };
      if (!line.ended) return { problem: "Invalid value. EOF marker missing new line." };
      end = this.#at - 1;
    }
  }
}
