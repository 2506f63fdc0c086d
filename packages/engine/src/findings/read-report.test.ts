import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Annotation, CheckReport, ReportReading, ReportTool } from "@fairway/core";
import { reportFormats, reportTools } from "@fairway/core";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { placesIn } from "./places.ts";
import { readReport, reportBytes } from "./read-report.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "fairway-reports-")));
const folder = join(root, "services/api");
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(root, { recursive: true, force: true }));

const places = placesIn(root, folder);
const read = (report: CheckReport, text: string): ReportReading => readReport(report, Buffer.from(text), places);
const valuesOf = ({ severity, file, line, column, rule, message }: Annotation): readonly unknown[] => [
  severity,
  file,
  line,
  column,
  rule,
  message,
];
const found = (tool: ReportTool, text: string): unknown => {
  const reading = read({ tool }, text);
  return reading.read ? reading.annotations.map(valuesOf) : reading.why;
};

test("ESLint's files, places and rules are read, and warnings are not errors", () => {
  const report = [
    {
      filePath: join(folder, "src/a.ts"),
      messages: [
        { ruleId: "no-undef", severity: 2, message: "'a' is not defined.", line: 2, column: 5 },
        { ruleId: null, severity: 1, message: "File ignored." },
      ],
    },
    { filePath: "/usr/lib/other.js", messages: [{ ruleId: "x", fatal: true, message: "Parsing error" }] },
    { filePath: join(root, "b.ts"), messages: [] },
  ];
  expect(found("eslint", JSON.stringify(report))).toEqual([
    ["error", "services/api/src/a.ts", 2, 5, "no-undef", "'a' is not defined."],
    ["warning", "services/api/src/a.ts", null, null, null, "File ignored."],
    ["error", null, null, null, "x", "Parsing error"],
  ]);
  expect(found("eslint", '{"a": 1}')).toBe("the list of files is missing");
});

test("Ruff's violations are read, with those of files that do not parse", () => {
  const at = { location: { row: 2, column: 1 }, filename: join(folder, "a.py") };
  const report = [
    { ...at, code: "F401", message: "`os` imported but unused" },
    { ...at, code: null, message: "SyntaxError: Expected an expression" },
    { ...at, code: "E902", location: null, message: "No such file" },
  ];
  expect(found("ruff", JSON.stringify(report))).toEqual([
    ["error", "services/api/a.py", 2, 1, "F401", "`os` imported but unused"],
    ["error", "services/api/a.py", 2, 1, null, "SyntaxError: Expected an expression"],
    ["error", "services/api/a.py", null, null, "E902", "No such file"],
  ]);
});

test("the compiler's diagnostics are found among what a script prints", () => {
  const output = [
    "> api@1.0.0 types",
    "> tsc --noEmit",
    "src/a (1).ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    "  The expected type comes from property 'x'.",
    "../../shared/b.ts(1,1): error TS6133: 'b' is declared but never used.",
    "error TS18003: No inputs were found in config file 'tsconfig.json'.",
    "",
  ].join("\r\n");
  expect(found("tsc", output)).toEqual([
    [
      "error",
      "services/api/src/a (1).ts",
      3,
      7,
      "TS2322",
      "Type 'string' is not assignable to type 'number'.\n  The expected type comes from property 'x'.",
    ],
    ["error", "shared/b.ts", 1, 1, "TS6133", "'b' is declared but never used."],
    ["error", null, null, null, "TS18003", "No inputs were found in config file 'tsconfig.json'."],
  ]);
});

test("pytest's failures are told where they failed, and errors in fixtures and imports too", () => {
  const report = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite errors="1" tests="4">
    <testcase classname="test_a" name="test_ok" file="test_a.py" line="1" time="0.000" />
    <testcase classname="test_a" name="test_no" file="test_a.py" line="2"><failure message="assert 1 == 2">def test_no():
&gt;       assert 1 == 2
E       assert 1 == 2

test_a.py:4: AssertionError</failure></testcase>
    <testcase classname="test_a" name="test_skip" file="test_a.py"><skipped type="pytest.skip" message="later">${folder}/test_a.py:5: later</skipped></testcase>
    <testcase classname="" name="test_b" file="test_b.py" line="8"><error message="collection failure">ImportError
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
    import nope
E   ModuleNotFoundError: No module named 'nope'</error></testcase></testsuite></testsuites>`;
  expect(read({ tool: "pytest" }, report)).toMatchObject({ read: true, tests: 4 });
  expect(found("pytest", report)).toEqual([
    ["error", "services/api/test_a.py", 4, null, null, "test_a › test_no: assert 1 == 2"],
    [
      "error",
      "services/api/test_b.py",
      9,
      null,
      null,
      "test_b: collection failure\nModuleNotFoundError: No module named 'nope'",
    ],
  ]);
});

test("of Node's tests a todo that fails is a warning, and a stack's first place in the repository counts", () => {
  const failure = (line: number): string => `<failure type="testCodeFailure" message="1 == 2">
      at node:internal/test:1:2
      at x (file://${folder}/node_modules/x/index.js:1:1)
      at TestContext.&lt;anonymous> (file://${folder}/test/a.mjs:${line}:10)</failure>`;
  const report = `<testsuites><testcase name="is right" classname="test">${failure(5)}</testcase>
    <testcase name="later" classname="test"><skipped type="todo" message="true"/>${failure(7)}</testcase></testsuites>`;
  expect(found("node-test", report)).toEqual([
    ["error", "services/api/test/a.mjs", 5, 10, "testCodeFailure", "test › is right: 1 == 2"],
    ["warning", "services/api/test/a.mjs", 7, 10, "testCodeFailure", "test › later: 1 == 2"],
  ]);
});

test("what the Solidity compiler says through Hardhat is read, and Hardhat's own trouble is not", () => {
  const output = `Downloading compiler
\u001b[31mDeclarationError\u001b[39m: Undeclared identifier.
 --> contracts/A.sol:6:12:
  |
6 |     return z;

Warning (3420): Source file does not specify required compiler version!
--> contracts/B.sol

Error HH600: Compilation failed
HardhatError: HH600: Compilation failed
`;
  expect(found("hardhat", output)).toEqual([
    ["error", "services/api/contracts/A.sol", 6, 12, "DeclarationError", "Undeclared identifier."],
    [
      "warning",
      "services/api/contracts/B.sol",
      null,
      null,
      "3420",
      "Source file does not specify required compiler version!",
    ],
  ]);
  expect(found("hardhat", "Error HH502: Couldn't download compiler version list.\n")).toEqual([]);
});

test("Foundry's failed tests are read with the input that a fuzz test failed with", () => {
  const tests = {
    "test/A.t.sol:ATest": {
      test_results: {
        "testFuzz(uint128)": { status: "Failure", reason: "too large", counterexample: { Single: { raw_args: "7" } } },
        "testNo()": { status: "Failure", reason: null, counterexample: null },
        "testOk()": { status: "Success", reason: null },
      },
    },
  };
  expect(read({ tool: "forge" }, `warning: x\n${JSON.stringify(tests)}\n`)).toMatchObject({ read: true, tests: 3 });
  expect(found("forge", `warning: x\n${JSON.stringify(tests)}\n`)).toEqual([
    [
      "error",
      "services/api/test/A.t.sol",
      null,
      null,
      "testFuzz(uint128)",
      'too large; counterexample {"Single":{"raw_args":"7"}}',
    ],
    ["error", "services/api/test/A.t.sol", null, null, "testNo()", "it failed"],
  ]);
  const built = {
    errors: [
      {
        severity: "error",
        errorCode: "7407",
        message: "No.",
        formattedMessage: "TypeError: No.\n --> src/B.sol:1:23:\n",
      },
    ],
  };
  expect(found("forge", JSON.stringify(built, null, 2))).toEqual([
    ["error", "services/api/src/B.sol", 1, 23, "7407", "No."],
  ]);
  expect(found("forge", "Error: Compiler run failed:\nError (7407): No.\n --> src/B.sol:1:23:\n")).toEqual([
    ["error", "services/api/src/B.sol", 1, 23, "7407", "No."],
  ]);
  expect(found("forge", "Error: no compiler\n")).toBe("it is not JSON");
});

test("SARIF is read with its addresses, its rules' levels and without what is suppressed", () => {
  const at = (uri: string, uriBaseId?: string): object => ({
    physicalLocation: { artifactLocation: { uri, uriBaseId }, region: { startLine: 3, startColumn: 4 } },
  });
  const log = {
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "scan", rules: [{ id: "r1", defaultConfiguration: { level: "error" } }] } },
        originalUriBaseIds: { SRC: { uri: `file://${root}/` } },
        results: [
          { ruleId: "r1", message: { text: "one" }, locations: [at("a%20b.ts")] },
          { ruleId: "r2", level: "note", message: { text: "two" }, locations: [at("c.ts", "SRC")] },
          { ruleId: "r3", message: { text: "three" }, locations: [at(`file://${root}/d.ts`)] },
          { ruleId: "r1", message: { text: "hidden" }, suppressions: [{ kind: "inSource" }] },
          { ruleId: "r1", kind: "pass", message: { text: "well" } },
        ],
      },
      { tool: {}, results: null },
    ],
  };
  const reading = read({ format: "sarif", file: "x" }, JSON.stringify(log));
  expect(reading.read && reading.annotations.map(valuesOf)).toEqual([
    ["error", "services/api/a b.ts", 3, 4, "r1", "one"],
    ["notice", "c.ts", 3, 4, "r2", "two"],
    ["warning", "d.ts", 3, 4, "r3", "three"],
  ]);
  expect(read({ format: "sarif", file: "x" }, "{}")).toEqual({ read: false, why: "it is not SARIF 2" });
});

const unusable: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "it is empty"],
  ["half a document", "<testsuite><testcase", "line 1 is not well-formed XML"],
  [
    "another document",
    "<html></html>",
    "it is XML, but no JUnit report: it begins with neither testsuites nor testsuite",
  ],
  [
    "entities that grow",
    '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite><testcase><failure>&b;</failure></testcase></testsuite>',
    "it has a document type, which may define entities",
  ],
  ["an entity of a file", "<testsuite><testcase name='&secret;'/></testsuite>", "line 1 is not well-formed XML"],
  ["elements without end", "<testsuite>".repeat(1000), "its elements are more than 64 deep"],
];

test.each(unusable)("%s is no JUnit report", (_, text, why) => {
  expect(read({ format: "junit", file: "x" }, text)).toEqual({ read: false, why });
});

test("lists that are nested too deep, and bytes that are no text, are said to be so", () => {
  expect(read({ tool: "eslint" }, "[".repeat(1_000_000)).read).toBe(false);
  expect(readReport({ tool: "ruff" }, Buffer.from([0xff, 0xfe, 0x00]), places)).toEqual({
    read: false,
    why: "it is not UTF-8",
  });
});

const reports: readonly CheckReport[] = [
  ...reportTools.map((tool) => ({ tool })),
  ...reportFormats.map((format) => ({ format, file: "x" })),
];

test("whatever a report holds, it is a reading whose places are in the repository, or why there is none", () => {
  const shaped = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.jsonValue(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          "filePath",
          "messages",
          "filename",
          "location",
          "message",
          "row",
          "runs",
          "version",
          "results",
          "errors",
          "test_results",
          "status",
          "locations",
          "physicalLocation",
          "artifactLocation",
          "uri",
          "text",
          "constructor",
          "__proto__",
        ),
        fc.oneof(
          tie("value"),
          fc.constantFrom("2.1.0", "Failure", "../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "%", "a\0b"),
        ),
        { maxKeys: 5 },
      ),
    ),
  })).value;
  const tags = fc.constantFrom(
    "<testsuite>",
    "</testsuite>",
    '<testcase name="a" file="../../../x.py" line="1">',
    "</testcase>",
    "<failure>",
    "</failure>",
    "<![CDATA[",
    "]]>",
    "&lt;",
    "a.ts:1:2",
    "\n",
    "<!--",
  );
  const solidity = fc.constantFrom(
    "Error: x\n",
    " --> a.sol:1:2:\n",
    "a.ts(1,2): error TS1: x\n",
    "--> /etc/passwd:1:1\n",
    "  y\n",
    "{",
    "}",
  );
  const text = fc.oneof(
    shaped.map((value) => JSON.stringify(value)),
    fc.array(tags, { maxLength: 12 }).map((parts) => `<testsuites>${parts.join("")}</testsuites>`),
    fc.array(solidity, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(...reports), (written, report) => {
      const reading = read(report, written);
      if (!reading.read) return reading.why !== "";
      for (const { file } of reading.annotations) {
        if (file === null) continue;
        expect(file.startsWith("/") || file.split("/").includes("..")).toBe(false);
      }
      return true;
    }),
    { numRuns: 500 },
  );
});

test("only a file of the checkout itself is read", async () => {
  const at = (name: string): string => join(folder, name);
  writeFileSync(at("there.json"), "[]");
  symlinkSync("/etc/passwd", at("link.json"));
  symlinkSync(tmpdir(), at("away"));
  mkdirSync(at("folder.json"));
  execFileSync("mkfifo", [at("pipe.json")]);
  writeFileSync(at("huge.json"), "");
  truncateSync(at("huge.json"), 17 * 1024 * 1024);
  const why = async (path: string): Promise<string> => {
    const read = await reportBytes(path, root);
    return "why" in read ? read.why : read.bytes.toString();
  };
  expect(await why(at("there.json"))).toBe("[]");
  expect(await why(at("absent.json"))).toBe("the command left none");
  expect(await why(at("no/folder.json"))).toBe("the command left none");
  expect(await why(at("there.json/x"))).toBe("the command left none");
  expect(await why(at("link.json"))).toBe("it is a link, which is not followed");
  expect(await why(at("away/x.json"))).toBe("it lies outside of the checkout");
  expect(await why("/etc/passwd")).toBe("it lies outside of the checkout");
  expect(await why(at("folder.json"))).toBe("it is not a file");
  expect(await why(at("pipe.json"))).toBe("it is not a file");
  expect(await why(at("huge.json"))).toBe("it is larger than 16 MiB");
});
