import { expect, test } from "vitest";
import { writtenTogether } from "./written-together.ts";

test("what comes while something is written is written together, in its order, and each once", async () => {
  const writes: (readonly number[])[] = [];
  let open: () => void = () => undefined;
  const write = writtenTogether<number>(async (items) => {
    writes.push([...items]);
    await new Promise<void>((resolve) => (open = resolve));
  });
  const first = write(1);
  await Promise.resolve();
  await Promise.resolve();
  const others = [write(2), write(3), write(4)];
  expect(writes).toEqual([[1]]);
  open();
  await first;
  await Promise.resolve();
  open();
  await Promise.all(others);
  expect(writes).toEqual([[1], [2, 3, 4]]);
});

test("a write that goes wrong is told to those whose it was, and the next begins all the same", async () => {
  const write = writtenTogether<string>(async (items) => {
    if (items.includes("bad")) throw new Error("no");
  });
  const bad = write("bad");
  await expect(bad).rejects.toThrow("no");
  await expect(write("good")).resolves.toBeUndefined();
});
