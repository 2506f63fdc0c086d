import { z } from "zod";

export const timestamp = z.string().describe("ISO 8601, UTC");
