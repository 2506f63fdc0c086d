import { z } from "zod";

/** What another deployment controller would change of a service; with refusals it is not possible. */
export const controllerPlanShape = z
  .object({
    digest: z
      .string()
      .describe("Of what was seen and would be asked for: a switch names it, and is made as shown or not at all"),
    refusals: z.array(z.string()).describe("Why it cannot be made; empty where it can"),
    changes: z.array(z.string()),
    after: z.array(z.string()).describe("What a person does afterwards"),
    back: z.array(z.string()).describe("What brings the old controller back"),
  })
  .meta({ id: "ControllerPlan" });

export type ControllerPlanShape = z.infer<typeof controllerPlanShape>;
