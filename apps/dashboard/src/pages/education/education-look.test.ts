import { expect, test } from "vitest";
import { educationLook, wantedWords } from "./education-look.ts";

test("what nobody has measured is never shown as well", () => {
  expect(educationLook.unmeasured).not.toBe("succeeded");
});

test("what is to be reached names its bounds, and says when there are none", () => {
  expect(wantedWords({ name: "completed", atLeast: 80, atMost: null })).toBe("completed, at least 80");
  expect(wantedWords({ name: "tickets", atLeast: 0, atMost: 5 })).toBe("tickets, at least 0, at most 5");
  expect(wantedWords(null)).toBe("nothing says what it is to reach");
});
