import { expect, test } from "vitest";
import { isBareAddress } from "./inventory-values.ts";

test("the address of a host is no key, and one that holds anything else may be", () => {
  expect(["https://ref.example", "http://127.0.0.1:8080/\n"].map(isBareAddress)).toEqual([true, true]);
  const may = [
    "https://app:key@host",
    "https://hooks.example/T1/B2/key",
    "https://host?key=1",
    "postgres://host",
    "key",
  ];
  expect(may.filter(isBareAddress)).toEqual([]);
});
