import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { VisibleBlock } from "./visible-text.ts";

/** What people see of a catalogue of texts, JSON or YAML: its values, and never its keys. Null for what is neither. */
export function visibleInCatalogue(text: string): readonly VisibleBlock[] | null {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false });
  if (document.errors.length > 0) return null;
  const blocks: VisibleBlock[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || !isScalar(node) || typeof node.value !== "string") return;
      const { line } = counter.linePos(node.range?.[0] ?? 0);
      blocks.push({ kind: "text", text: node.value, lines: Array.from({ length: node.value.length }, () => line) });
    },
  });
  return blocks;
}
