import type { Element, Nodes, Root } from "hast";
import rehypeParse from "rehype-parse";
import rehypeRaw from "rehype-raw";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import type { VisibleBlock, VisibleGathering } from "./visible-text.ts";
import { gatherVisible } from "./visible-text.ts";

/** What people see of a Markdown file once it is a page; HTML in it is read as browsers do. */
export function visibleInMarkdown(text: string): readonly VisibleBlock[] {
  const markdown = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter, ["yaml", "toml"]);
  const page = markdown.use(remarkRehype, { allowDangerousHtml: true }).use(rehypeRaw);
  return visibleIn(page.runSync(page.parse(text), text));
}

/** What people see of a page. */
export const visibleInHtml = (text: string): readonly VisibleBlock[] =>
  visibleIn(unified().use(rehypeParse).parse(text));

function visibleIn(page: Root): readonly VisibleBlock[] {
  const gathered = gatherVisible();
  walk(page, gathered, 1);
  gathered.end();
  return gathered.blocks;
}

/** `near`: the line of what came before, for what has no place of its own. */
function walk(node: Nodes, to: VisibleGathering, near: number): void {
  const line = node.position?.start.line ?? near;
  switch (node.type) {
    case "text":
      return to.text(node.value, line);
    case "root":
      for (const child of node.children) walk(child, to, line);
      return;
    case "element": {
      const inside = (): void => {
        for (const child of node.children) walk(child, to, line);
      };
      return to.element({ name: node.tagName, attributes: attributesOf(node) }, line, inside);
    }
    case "comment":
    case "doctype":
    case "raw":
  }
}

/** By the names that HTML has for them. */
function attributesOf({ properties }: Element): Readonly<Record<string, string>> {
  const found = Object.entries(properties).flatMap(([name, value]) =>
    value === null || value === undefined || value === false
      ? []
      : [[nameInHtml(name), Array.isArray(value) ? value.join(" ") : String(value)] as const],
  );
  return Object.fromEntries(found);
}

const nameInHtml = (name: string): string =>
  name === "className" ? "class" : name.replace(/^aria[A-Z]/u, (found) => `aria-${found.slice(4).toLowerCase()}`);
