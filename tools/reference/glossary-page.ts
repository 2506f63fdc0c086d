import { glossary } from "@fairway/core";

/** The page that says what each word means. */
export function glossaryPage(): string {
  const rows = Object.entries(glossary).map(([word, sentence]) => `| **${word}** | ${sentence} |`);
  return `# Glossary

<!-- Written from packages/core/src/glossary.ts by tools/generate-reference.mjs; a test fails when it differs. -->

One word for one thing, in the code, in messages and here.

| word | means |
| --- | --- |
${rows.join("\n")}
`;
}
