import { expect, test } from "vitest";
import { queryText, unknownPlaceholders } from "./query-text.ts";

test("a query is asked of one release of one service", () => {
  const place = { release: "r4", service: "api", environment: "staging" };
  expect(queryText('a{r="{{release}}",s="{{ service }}"} / b{e="{{environment}}"}', place)).toBe(
    'a{r="r4",s="api"} / b{e="staging"}',
  );
  expect(unknownPlaceholders("{{release}} {{relase}} {{relase}} {{who}}")).toEqual(["relase", "who"]);
});
