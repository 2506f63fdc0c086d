import { chmod, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairwayOn } from "./support/fairway-under-test.ts";
import { gitProject } from "./support/git-project.ts";
import { webProject } from "./support/tiny-service.ts";

/** On every Linux machine, and nobody's. */
const user = "nobody";
const file = ".github/workflows/ci.yml";

const workflow = (gate: string, secret: string): string => `on: push
jobs:
  look:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Who
        run: |
          echo "I am $(id -un)"
          git log -1 --format=%s
          echo "word=$(cat word.txt)" >> "$GITHUB_OUTPUT"
        id: who
      - name: Read what is not ours
        run: cat ${secret} || echo "it is closed"
      - uses: ./action
        with: { word: "\${{ steps.who.outputs.word }}" }
      - name: Wait for the gate
        run: test -e ${gate} || exit 3
      - run: echo "all is done by $(id -un)"
`;

const action = `name: Say
inputs: { word: { required: true } }
runs: { using: node20, main: main.cjs }
`;

describe.skipIf(!needs("root"))("jobs that run as another user", () => {
  let fairway: Fairway;
  let gate: string;

  beforeAll(async () => {
    const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
    // As /var/lib is: others may pass through, and not look.
    await chmod(place, 0o711);
    gate = join(place, "project", "gate");
    const project = await gitProject(join(place, "project"));
    await project.commit("Begin", {
      [file]: workflow(gate, join(place, "data", "daemon.log")),
      ...webProject({}),
      "word.txt": "hello\n",
      "action/action.yml": action,
      "action/main.cjs": 'console.log("said by " + process.getuid() + ": " + process.env.INPUT_WORD);\n',
    });
    fairway = await openFairwayOn(project, place, { stepsUser: user });
  });

  afterAll(() => fairway?.end());

  const cli = (...words: readonly string[]): ReturnType<typeof commandLine> =>
    commandLine(fairway.project.path, fairway.data, ...words);

  test("are that user in every step and action, in folders of its own, and cannot read what is the daemon's", async () => {
    await cli("workflow", "run", file);
    const [run] = await fairway.client.call("runs", {});
    const { out } = await cli("logs", "--run", run?.id ?? "");
    expect(out).toContain("I am nobody");
    expect(out).toContain("Begin");
    expect(out).toContain("it is closed");
    expect(out).toMatch(/said by (?!0:)\d+: hello/u);
    expect(run?.state).toBe("failed");
  });

  test("go on from the step that failed, with their files as they were, and leave nothing when all is well", async () => {
    await fairway.project.write({ gate: "open" });
    const [run] = await fairway.client.call("runs", {});
    await cli("run", "retry", run?.id ?? "");
    expect((await fairway.client.call("run", { run: run?.id ?? "" })).state).toBe("succeeded");
    const { out } = await cli("logs", "--run", run?.id ?? "");
    expect(out).toContain("all is done by nobody");
    expect(await readdir(join(`${fairway.data}-steps`, "work", run?.id ?? ""))).toEqual([]);
  });

  test("are not begun by a daemon whose folders that user cannot reach", async () => {
    const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
    const { code, err } = await commandLine(
      fairway.project.path,
      join(place, "data"),
      ...["up", "--steps-user", user, "--port", "0", "--router-port", "0", "--internal-port", "0"],
    );
    expect(code).not.toBe(0);
    await rm(place, { recursive: true, force: true });
    expect(err).toContain(`cannot reach ${place}/data-steps`);
  });
});
