/** What a query may leave open. */
export interface QueryPlace {
  readonly release: string;
  readonly service: string;
  readonly environment: string;
}

const placeholder = /\{\{\s*(\w+)\s*\}\}/gu;
const known: ReadonlySet<string> = new Set<keyof QueryPlace>(["release", "service", "environment"]);

/** The placeholders that stand for nothing. */
export const unknownPlaceholders = (query: string): readonly string[] => [
  ...new Set([...query.matchAll(placeholder)].map(([, name = ""]) => name).filter((name) => !known.has(name))),
];

/** The query as it is asked. The values are names and ids, which hold nothing that would end a text of PromQL. */
export const queryText = (query: string, place: QueryPlace): string =>
  query.replaceAll(placeholder, (all, name: string) => (known.has(name) ? place[name as keyof QueryPlace] : all));
