import { expect, test } from "vitest";
import { dockerfileLine } from "./dockerfile-line.ts";

const dockerfile = `# A comment
ARG BASE=scratch
FROM \${BASE}

COPY . /srv
RUN make \\
  # of no meaning
  --all
RUN true
RUN true
`;

test("the failing step of a build is a line of its Dockerfile, as every engine tells it", () => {
  expect(dockerfileLine(dockerfile, "STEP 1/5: FROM x\nSTEP 2/5: COPY . /srv\n")).toBe(5);
  expect(dockerfileLine(dockerfile, "STEP 2/5: COPY . /srv\nSTEP 3/5: RUN make   --all\nmake: no rule")).toBe(6);
  expect(dockerfileLine(dockerfile, "Step 1/5 : FROM localhost/base:1\n")).toBe(3);
  expect(dockerfileLine(dockerfile, "Step 5/5 : RUN true\n")).toBe(10);
});

test("what no engine told, or what fits nothing, is no line", () => {
  expect(dockerfileLine(dockerfile, "no such image")).toBeNull();
  expect(dockerfileLine(dockerfile, "STEP 99/99: LABEL a=b")).toBeNull();
});
