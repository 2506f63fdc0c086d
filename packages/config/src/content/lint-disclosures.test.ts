import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { LintedDisclosures } from "./lint-disclosures.ts";
import { loadDuties } from "../duties/load-duties.ts";
import { lintDisclosures } from "./lint-disclosures.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

function checkout(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "disclosures-"));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const rules = (path: string): string => `
owner: compliance-advisor
phrases:
  advice: This is no investment advice.
rules:
  - paths: [${path}]
    require: [advice]
    forbid: [guaranteed returns]
`;

async function linted(path: string, text: string): Promise<LintedDisclosures> {
  const found = await lintDisclosures(checkout({ "ops/disclosures.yaml": rules(path), [path]: text }));
  if (found === null || "problems" in found) throw new Error(JSON.stringify(found));
  return found;
}
const codes = async (path: string, text: string): Promise<readonly string[]> =>
  (await linted(path, text)).findings.map(({ code, line }) => `${code}:${line}`);

test.each([
  ["across lines and in bold", "# Home\n\nThis is **no\ninvestment** advice."],
  ["with other spaces, and signs without room", "This is\u00a0no invest\u200bment advice."],
  ["in an item", "- This is no investment advice."],
  ["in a cell", "| a |\n| --- |\n| This is no investment advice. |"],
  ["in HTML within Markdown", "<div>This is <b>no</b> investment advice.</div>"],
])("a Markdown page shows what stands there %s", async (_how, text) => {
  expect(await codes("page.md", text)).toEqual([]);
});

test.each([
  ["a comment", "<!-- This is no investment advice. -->"],
  ["a fence", "```\nThis is no investment advice.\n```"],
  ["code within a line", "`This is no investment advice.`"],
  ["front matter", "---\nx: This is no investment advice.\n---\n\nHi"],
  ["what is hidden", "<div hidden>\n\nThis is no investment advice.\n\n</div>"],
  ["what is hidden within a line", 'Hi <span style="display: none">This is no investment advice.</span>'],
  ["what is hidden by its class", 'Hi <span class="sr-only">This is no investment advice.</span>'],
  ["what is struck out", "~~This is no investment advice.~~"],
  ["what is struck out in a part", "This is ~~no~~ investment advice."],
  ["a title", '[Hi](x.md "This is no investment advice.")'],
  ["two pieces", "This is no\n\ninvestment advice."],
])("a Markdown page does not show what stands in %s", async (_where, text) => {
  expect(await codes("page.md", text)).toEqual(["missing:1"]);
});

test("a page of HTML shows its text, and neither scripts nor what is hidden", async () => {
  const page = (inside: string): string =>
    `<!doctype html>\n<html><head><title>x</title></head>\n<body>${inside}</body></html>`;
  expect(await codes("page.html", page("<p>This is <em>no</em>\n investment&nbsp;advice.</p>"))).toEqual([]);
  expect(await codes("page.html", page("<script>'This is no investment advice.'</script>"))).toEqual(["missing:1"]);
  expect(await codes("page.html", page("<p hidden>This is no investment advice.</p>"))).toEqual(["missing:1"]);
  expect(await codes("page.html", page("<template>This is no investment advice.</template>"))).toEqual(["missing:1"]);
});

const page = (inside: string): string => `const notice = "This is no investment advice.";
export default function Page({ old }: { old: boolean }) {
  return (
    <main>${inside}</main>
  );
}
`;

test.each([
  ["as text", "<p>This is <b>no</b>\n investment advice.</p>"],
  ["as a string", '<p>{"This is no investment advice."}</p>'],
  ["by a name", "<p>{notice}</p>"],
  ["when something is so", "{old && <p>This is no investment advice.</p>}"],
  ["as one of two", '{old ? "" : "This is no investment advice."}'],
  ["of an image instead", '<img alt="This is no investment advice." />'],
])("a component shows what stands there %s", async (_how, inside) => {
  expect(await codes("page.tsx", page(inside))).toEqual([]);
});

test.each([
  ["an attribute", '<p data-x="This is no investment advice." title="This is no investment advice.">x</p>'],
  ["the title of its document", "<title>This is no investment advice.</title>"],
  ["a comment", "{/* This is no investment advice. */}"],
  ["what is hidden", "<p hidden>This is no investment advice.</p>"],
  ["what is hidden by its style", '<p style={{ display: "none" }}>This is no investment advice.</p>'],
  ["what is never there", "{false && <p>This is no investment advice.</p>}"],
])("a component does not show what stands in %s", async (_where, inside) => {
  expect(await codes("page.tsx", page(inside))).toEqual(["missing:1"]);
});

test("what no page may say is found with its line, also in a hint, and only as whole words", async () => {
  const text = "This is no investment advice.\n\nWe have\nGuaranteed  *returns*.\n";
  expect(await codes("page.md", text)).toEqual(["forbidden:4"]);
  const hint = page('<p>{notice}</p>\n<input placeholder="guaranteed returns" />');
  expect(await codes("page.tsx", hint)).toEqual(["forbidden:5"]);
  expect(await codes("page.md", "This is no investment advice.\n\n~~guaranteed returns~~")).toEqual(["forbidden:3"]);
  expect(await codes("page.md", "This is no investment advice. unguaranteed returns")).toEqual([]);
});

test("a catalogue shows its values and not its keys", async () => {
  expect(await codes("en.json", '{\n "a": "This is no investment advice.",\n "b": "guaranteed returns"\n}')).toEqual([
    "forbidden:3",
  ]);
  expect(await codes("en.json", '{ "This is no investment advice.": "x" }')).toEqual(["missing:1"]);
  expect(await codes("en.json", "{ not json")).toContain("unreadable:1");
});

test("a page needs a disclosure only where it mentions what that is about, and may show it beside", async () => {
  const files = {
    "ops/disclosures.yaml": `
owner: compliance-advisor
phrases: { past: Past performance is no guide. }
rules:
  - { paths: [app/*], mentions: [returns], require: [past], with: [app/layout.tsx] }
`,
    "app/layout.tsx": "export const L = () => <p>Hi</p>;",
    "app/a.tsx": "export const A = () => (\n  <p>See your returns</p>\n);",
    "app/b.tsx": "export const B = () => <p>About us</p>;",
  };
  const first = await lintDisclosures(checkout(files));
  expect(first).toMatchObject({ files: 3, findings: [{ file: "app/a.tsx", line: 2, code: "missing" }] });
  const shown = {
    ...files,
    "app/layout.tsx": "export const L = () => <footer>Past performance is no guide.</footer>;",
  };
  expect(await lintDisclosures(checkout(shown))).toMatchObject({ findings: [] });
});

test("its digest changes with what people see, and with nothing else", async () => {
  const base = await linted("page.tsx", page("<p>This is no investment advice.</p>"));
  const styled = await linted("page.tsx", page('<p className="big">This is no investment advice.</p>'));
  const other = await linted("page.tsx", page("<p>This is no investment advice. Really.</p>"));
  expect(styled.digest).toBe(base.digest);
  expect(other.digest).not.toBe(base.digest);
});

test("rules that name what is not there are told with their places, all at once", async () => {
  const written =
    "owner: compliance-advisor\nphrases: { advice: x }\nrules:\n  - { paths: [nowhere/*], require: [advise] }\n  - { paths: [ops/*] }\n";
  const found = await lintDisclosures(checkout({ "ops/disclosures.yaml": written }));
  expect(found).toMatchObject({
    problems: [
      { line: 4, code: "path", message: "no file fits nowhere/*" },
      { line: 4, code: "unknown_name", fix: 'did you mean "advice"?' },
      { line: 5, code: "missing" },
    ],
  });
});

test("a phrase that no page has to show, or that nobody can see, is told with its place", async () => {
  const lintedWith = (phrases: string): Promise<unknown> => {
    const rule = "rules:\n  - { paths: [ops/*], require: [advice] }\n";
    const written = `owner: compliance-advisor\nphrases:\n${phrases}${rule}`;
    return lintDisclosures(checkout({ "ops/disclosures.yaml": written }));
  };
  expect(await lintedWith("  advice: This is no advice.\n  loss: You can lose it all.\n")).toMatchObject({
    problems: [{ line: 4, code: "missing", message: 'no page has to show "loss"' }],
  });
  expect(await lintedWith('  advice: "..."\n')).toMatchObject({ problems: [{ line: 3, code: "wrong_value" }] });
});

test("a project without rules has nothing to be held against", async () => {
  expect(await lintDisclosures(checkout({ "page.md": "Hi" }))).toBeNull();
});

test("the files of texts and incidents are read with the other duties, and what is wrong with them is told with its place", () => {
  const files = {
    "page.md": "Hi",
    "ops/people.yaml": "roles:\n  lead: { people: [{ name: ada }] }\n",
    "ops/disclosures.yaml": "owner: lead\nphrases: { hi: Hi }\nrules:\n  - { paths: [page.md], require: [hi] }\n",
    "ops/notice.yaml": "owner: lead\nto: [lead]\npack: [page.md]\n",
    "ops/education.yaml":
      "assets:\n  faq: { title: FAQ, owner: lead, at: page.md, every: P1M, from: 2027-01-01, kpi: { name: x, url: https://m.example/x, atLeast: 1 } }\n",
    "ops/severity.yaml":
      "table:\n  outage: { all: 1, some: 1, one: 1 }\n  degraded: { all: 2, some: 2, one: 2 }\n  minor: { all: 3, some: 3, one: 3 }\nintercom: { secret: KEY }\n",
    "ops/gates.yaml":
      'gates:\n  - { environment: production, require: ["content:disclosure", "notice:release"], owner: lead }\n',
  };
  const load = (changed: Readonly<Record<string, string>>) =>
    loadDuties(checkout({ ...files, ...changed }), { commit: "one", today: "2026-11-22" });
  const loaded = load({});
  expect(loaded).toMatchObject({
    ok: true,
    plan: {
      duties: [
        { id: "content:disclosure", cadence: { kind: "rolling" } },
        { id: "notice:release", cadence: { kind: "release", wait: 86_400_000 } },
        { id: "education:faq", run: { kind: "kpi", value: "/value", atLeast: 1, scheduled: true } },
      ],
      ...{ education: [{ id: "faq", kpi: { name: "x" } }], intake: { secret: "KEY", environment: null } },
    },
  });
  const problems = load({
    "ops/notice.yaml": "owner: lead\nto: [led]\npack: [nowhere.md]\n",
    "ops/severity.yaml": "table:\n  outage: { all: 5 }\n",
  });
  expect(problems.ok ? [] : problems.problems.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
    "ops/notice.yaml:2 unknown_name",
    "ops/notice.yaml:3 path",
    "ops/severity.yaml:1 missing",
    "ops/severity.yaml:1 missing",
    "ops/severity.yaml:2 missing",
    "ops/severity.yaml:2 missing",
    "ops/severity.yaml:2 wrong_value",
  ]);
});
