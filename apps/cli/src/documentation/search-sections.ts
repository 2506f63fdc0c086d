import MiniSearch from "minisearch";
import { stemmer } from "stemmer";
import type { DocSection } from "./read-sections.ts";

/** Words that are in every question and in every page. */
const common = new Set(
  "a about after all an and are as at be before by can do does for from get give has have how i if in into is it its me my of on or so that the their them there these they this to use want was we what when where which who why will with you your".split(
    " ",
  ),
);

/**
 * The sections that are most about some words, of each page the one that is so most, the best first. Those with all of
 * the words count for more.
 */
export function searchSections(sections: readonly DocSection[], words: string, limit: number): readonly DocSection[] {
  const index = new MiniSearch<DocSection & { readonly id: number }>({
    fields: ["page", "heading", "text"],
    processTerm: (term) => (common.has(term.toLowerCase()) ? null : stemmer(term.toLowerCase())),
    searchOptions: {
      boost: { heading: 5, page: 4 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
    },
  });
  index.addAll(sections.map((section, id) => ({ ...section, id })));
  const boostDocument = (id: number): number => weightOf(sections[id]);
  const whole = new Set(index.search(words, { combineWith: "AND", boostDocument }).map(({ id }) => id as number));
  const all = index
    .search(words, { combineWith: "OR", boostDocument })
    .map(({ id, score }) => ({ id: id as number, score: whole.has(id as number) ? 1.5 * score : score }))
    .toSorted((one, other) => other.score - one.score)
    .flatMap(({ id }) => sections[id] ?? []);
  return all.filter(({ file }, at) => all.findIndex((one) => one.file === file) === at).slice(0, limit);
}

/** Whoever asks wants to do something: a table of keys is of less help, and a list of decisions of the least. */
function weightOf(section: DocSection | undefined): number {
  const file = section?.file ?? "";
  if (/\/(?:decisions|contributing)\/|README\.md$/u.test(file)) return 0.2;
  return file.includes("/reference/") ? 0.25 : 1;
}
