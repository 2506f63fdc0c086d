import { expect, test } from "vitest";
import type { Json } from "../runs/stage.ts";
import type { Inquiry } from "../store/open-work.ts";
import type { AskedUpkeep } from "./look-after.ts";
import { lookAfter } from "./look-after.ts";

const inquiry = (sql: string): Inquiry => sql as Inquiry;

/** Looks as often as it is given answers, and then comes to its end. */
async function looks(
  answers: readonly (readonly Json[] | Error)[],
  upkeep: readonly AskedUpkeep[],
): Promise<readonly string[]> {
  const closing = new AbortController();
  const told: string[] = [];
  let look = 0;
  const inquire = async (inquiries: readonly Inquiry[]): Promise<readonly Json[]> => {
    expect(inquiries).toEqual(upkeep.map(({ ask }) => ask));
    const answer = answers[look++];
    if (answer instanceof Error) throw answer;
    if (answer === undefined) closing.abort();
    return answer ?? [];
  };
  await lookAfter(upkeep, { every: 0, inquire }, closing.signal, (_level, message) => void told.push(message));
  return told;
}

test("what the answer says nothing of is not done, and the rest is, with its answer", async () => {
  const done: Json[] = [];
  const one = (what: string): AskedUpkeep => ({
    what,
    ask: inquiry(what),
    work: async (found) => void done.push([what, found]),
  });
  await looks([[false, null, 0, "hash"]], [one("a"), one("b"), one("c"), one("d")]);
  expect(done).toEqual([
    ["c", 0],
    ["d", "hash"],
  ]);
});

test("what is still being done is not begun a second time, keeps nothing else waiting, and is waited for at the end", async () => {
  let finish = (): void => undefined;
  const begun: string[] = [];
  const slow: AskedUpkeep = {
    what: "be slow",
    ask: inquiry("slow"),
    work: () => {
      begun.push("slow");
      return new Promise<void>((resolve) => (finish = resolve));
    },
  };
  const quick: AskedUpkeep = {
    what: "be quick",
    ask: inquiry("quick"),
    work: async () => {
      begun.push("quick");
      if (begun.length === 4) finish();
    },
  };
  await looks(
    [
      [true, true],
      [true, true],
      [true, true],
    ],
    [slow, quick],
  );
  expect(begun).toEqual(["slow", "quick", "quick", "quick"]);
});

test("a look that fails and work that fails are told, and come again", async () => {
  let tries = 0;
  const told = await looks(
    [new Error("it is away"), [true], [true]],
    [
      {
        what: "tell people",
        ask: inquiry("x"),
        work: async () => {
          tries += 1;
          throw new Error("nobody is there");
        },
      },
    ],
  );
  expect(tries).toBe(2);
  expect(told).toEqual([
    "could not look for what there is to do: it is away",
    "could not tell people: nobody is there",
    "could not tell people: nobody is there",
  ]);
});
