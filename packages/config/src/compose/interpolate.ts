/** What became of a text with variables: the text, and the names that have no default; or why it is wrong. */
export type Interpolated =
  | { readonly text: string; readonly unset: readonly string[] }
  | { readonly problem: string; readonly fix: string };

const nameAt = /[A-Za-z_][A-Za-z0-9_]*/uy;

/**
 * Puts defaults in the place of variables, as a clean machine would that sets none. Whoever runs compose may set others, but
 * what is set on one machine is nothing to write into a file of the repository.
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export function interpolate(written: string): Interpolated {
  const unset: string[] = [];
  let text = "";
  for (let index = 0; index < written.length; index++) {
    const character = written.charAt(index);
    if (character !== "$") {
      text += character;
      continue;
    }
    const next = written.charAt(index + 1);
    if (next === "$") {
      text += "$";
      index++;
      continue;
    }
    const braced = next === "{";
    nameAt.lastIndex = index + (braced ? 2 : 1);
    const name = nameAt.exec(written)?.[0];
    if (name === undefined) return wrong(written, "has a $ with no name after it", "write $$ for a dollar sign");
    if (!braced) {
      unset.push(name);
      index += name.length;
      continue;
    }
    const end = closing(written, index + 1);
    if (end === -1) return wrong(written, "has a ${ that is not closed", `write \${${name}}`);
    const rest = written.slice(index + 2 + name.length, end);
    const operator = /^(?::?[-?+])/u.exec(rest)?.[0];
    if (operator === undefined && rest !== "")
      return wrong(written, `has ${JSON.stringify(rest)} after ${name}`, `write \${${name}} or \${${name}:-default}`);
    if (operator?.endsWith("-") === true) {
      const inner = interpolate(rest.slice(operator.length));
      if ("problem" in inner) return inner;
      text += inner.text;
      unset.push(...inner.unset);
    } else if (operator?.endsWith("+") !== true) unset.push(name);
    index = end;
  }
  return { text, unset };
}

/** Where the brace that opens at an index is closed; a default may have braces of its own. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text.charAt(index) === "{") depth++;
    if (text.charAt(index) === "}" && --depth === 0) return index;
  }
  return -1;
}

const wrong = (written: string, how: string, fix: string): Interpolated => ({
  problem: `${JSON.stringify(written)} ${how}`,
  fix,
});
