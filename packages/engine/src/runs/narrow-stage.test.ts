import { expect, onTestFinished, test } from "vitest";
import { engineUnderTest, job, moment, plan, stage } from "./engine-for-tests.ts";

test("of a narrow stage no more run at once than there is room for, and they hold up nothing else", async () => {
  const othersDone = moment();
  let [running, most, others] = [0, 0, 0];
  const under = await engineUnderTest({
    narrow: { stage: "busy", most: 2 },
    stages: [
      stage("busy", async () => {
        running++;
        most = Math.max(most, running);
        await othersDone.happened;
        running--;
      }),
      stage("light", async () => {
        others++;
        if (others === 4) othersDone.happen();
      }),
    ],
  });
  onTestFinished(under.close);
  const busy = Array.from({ length: 6 }, (_, index) => job(`busy:${index}`));
  const light = Array.from({ length: 4 }, (_, index) => job(`light:${index}`));
  const id = await under.engine.startRun(plan(...busy, ...light));
  expect(await under.engine.ended(id)).toMatchObject({ state: "succeeded" });
  expect(most).toBeLessThanOrEqual(2);
  expect({ running, others }).toEqual({ running: 0, others: 4 });
});
