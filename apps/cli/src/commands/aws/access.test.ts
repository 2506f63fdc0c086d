import { expect, test } from "vitest";
import { accessRows } from "./access.ts";

test("rows are a sheet, and no cell of it is a formula", () => {
  const one = { kind: "user", arn: "arn", lastUsed: null, used: null, concerns: [] } as const;
  expect(
    accessRows({
      system: "aws:123456789012",
      at: "2026-11-22T12:00:00.000Z",
      principals: [
        { ...one, principal: "=cmd()", access: ["a", 'b"c'], concerns: [] },
        {
          ...one,
          ...{ principal: "deploy", kind: "role", access: ["Deploy"], lastUsed: "2026-11-22T12:00:00.000Z" },
          ...{ used: ["ecs", "s3"], concerns: ["may do everything"] },
        },
      ],
    }),
  ).toEqual([
    "system,principal,kind,access,last_used,used,concerns",
    `aws:123456789012,'=cmd(),user,"a; b""c",,,`,
    "aws:123456789012,deploy,role,Deploy,2026-11-22T12:00:00.000Z,ecs; s3,may do everything",
  ]);
});
