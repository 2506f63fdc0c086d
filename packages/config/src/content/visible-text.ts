/** A stretch of text that people see in one piece: a paragraph, an item, a cell, one text of a catalogue. */
export interface VisibleBlock {
  /**
   * `hint` is seen only by some, or only at times, or is struck out: a title, a placeholder. It can say what is forbidden, and
   * never shows what must be seen.
   */
  readonly kind: "text" | "hint";
  readonly text: string;
  /** The line, from 1, of each sign of `text`. */
  readonly lines: readonly number[];
}

/** An element as a page or a component has it. */
export interface VisibleElement {
  readonly name: string;
  /** Null stands for a value that nobody can read. */
  readonly attributes: Readonly<Record<string, string | null>>;
}

/** Gathers what is seen while somebody walks through a page. */
export interface VisibleGathering {
  /** `line`: where the element begins. */
  element(element: VisibleElement, line: number, inside: () => void): void;
  text(value: string, line: number): void;
  /** Ends a piece. */
  end(): void;
  readonly blocks: readonly VisibleBlock[];
}

// What browsers lay out within a line: https://html.spec.whatwg.org/multipage/rendering.html#phrasing-content-3
const inline = new Set(
  "a abbr b bdi bdo cite data dfn em font i ins label mark q ruby small span strong sub sup time u var wbr".split(" "),
);
const unseen = new Set(
  "script style template head title noscript code pre kbd samp textarea select option object iframe svg math canvas video audio".split(
    " ",
  ),
);
/** What is struck out is read, and yet it is not what somebody says. */
const struck: ReadonlySet<string> = new Set(["del", "s", "strike"]);
const hidingClasses = new Set(["hidden", "invisible", "sr-only", "visually-hidden", "d-none", "is-hidden"]);
const hidingStyle =
  /(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d]))/iu;
const hintAttributes = ["title", "placeholder", "aria-label", "aria-description", "label"];

/** Whether nobody sees what is in an element. */
function isUnseen({ name, attributes }: VisibleElement): boolean {
  if (unseen.has(name) || (name === "dialog" && !Object.hasOwn(attributes, "open"))) return true;
  if (Object.hasOwn(attributes, "hidden") && attributes["hidden"] !== "false") return true;
  const classes = (attributes["class"] ?? attributes["className"] ?? "").split(/\s+/u);
  return classes.some((name_) => hidingClasses.has(name_)) || hidingStyle.test(attributes["style"] ?? "");
}

export function gatherVisible(): VisibleGathering {
  const blocks: VisibleBlock[] = [];
  let [text, lines]: [string, number[]] = ["", []];
  let [hidden, struckOut] = [0, 0];
  const add = (value: string, line: number): void => {
    let at = line;
    for (const sign of value.split("")) {
      text += sign;
      lines.push(at);
      if (sign === "\n") at += 1;
    }
  };
  const end = (): void => {
    if (text.trim() !== "") blocks.push({ kind: struckOut > 0 ? "hint" : "text", text, lines });
    [text, lines] = ["", []];
  };
  const own = (kind: VisibleBlock["kind"], value: string | null | undefined, line: number): void => {
    if (value !== null && value !== undefined && value.trim() !== "")
      blocks.push({ kind, text: value, lines: Array.from({ length: value.length }, () => line) });
  };
  return {
    blocks,
    end,
    text: (value, line) => {
      if (hidden === 0) add(value, line);
    },
    element(element, line, inside) {
      const isHidden = isUnseen(element);
      const breaks = !inline.has(element.name);
      if (element.name === "br") return add("\n", line);
      if (breaks) end();
      if (hidden === 0 && !isHidden) {
        for (const name of hintAttributes) own("hint", element.attributes[name], line);
        own("text", element.name === "img" || element.name === "Image" ? element.attributes["alt"] : null, line);
      }
      const isStruck = struck.has(element.name);
      hidden += isHidden ? 1 : 0;
      struckOut += isStruck ? 1 : 0;
      inside();
      if (breaks) end();
      hidden -= isHidden ? 1 : 0;
      struckOut -= isStruck ? 1 : 0;
    },
  };
}
