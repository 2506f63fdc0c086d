import { expect, test } from "vitest";
import { factsOf } from "./facts-of.ts";

test("facts are read a line each, numbers as numbers, and a line that is none makes all of it none", () => {
  expect(factsOf("rto_seconds=412\n\n repository = s3://a=b \n")).toEqual({
    rto_seconds: 412,
    repository: "s3://a=b",
  });
  expect(factsOf("")).toEqual({});
  expect(factsOf("rto_seconds=1\nfour hundred")).toBeNull();
});
