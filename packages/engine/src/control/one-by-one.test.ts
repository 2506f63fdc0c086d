import { expect, test } from "vitest";
import { oneByOne } from "./one-by-one.ts";

test("what fails for one keeps it from no other, and is thrown after the last", async () => {
  const done: string[] = [];
  const work = async (item: string): Promise<void> => {
    if (item.startsWith("bad")) throw new Error(item);
    done.push(item);
  };
  await expect(oneByOne(["bad one", "good", "bad two", "good too"], work)).rejects.toThrow("bad one");
  expect(done).toEqual(["good", "good too"]);
  await oneByOne(["good"], work);
});
