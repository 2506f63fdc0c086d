import { describe, expect, test } from "vitest";
import { askForProof, proofIsAskedBy } from "./proof.ts";

describe("the question who somebody is", () => {
  test("waits for the part of the page that asks it", async () => {
    const answer = askForProof();
    const leave = proofIsAskedBy(async () => true);
    expect(await answer).toBe(true);
    leave();
  });

  test("is put once for two operations at once", async () => {
    let put = 0;
    const leave = proofIsAskedBy(async () => ++put === 1);
    expect(await Promise.all([askForProof(), askForProof()])).toEqual([true, true]);
    expect(put).toBe(1);
    leave();
  });
});
