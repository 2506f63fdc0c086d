import { errorCodes } from "@fairway/core";
import type { ErrorCode } from "@fairway/core";
import { z } from "zod";

export const problem = z
  .object({
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    hint: z.string().optional(),
    retryable: z.boolean(),
    problems: z.array(z.string()).describe("Several findings under one error, each a line for a person"),
  })
  .meta({ id: "Problem", description: "What every answer that is not 2xx carries" });
export type Problem = z.output<typeof problem>;
