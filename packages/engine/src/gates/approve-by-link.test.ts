import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApprovalTerms, DeploymentPlan, RunId } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EngineUnderTest } from "../runs/engine-for-tests.ts";
import { engineUnderTest, job, jobIs, plan, stage } from "../runs/engine-for-tests.ts";
import { folderKeepers } from "../sealing/file-keepers.ts";
import type { Sealer } from "../sealing/sealer.ts";
import { openSealer } from "../sealing/sealer.ts";
import { historyIn } from "../store/history-for-tests.ts";
import { addPerson, giveRole, setDisabled, takeRole } from "../store/people/people.ts";
import { releaseById } from "../store/releases.ts";
import type { ApprovalLink } from "./approval-link.ts";
import { sealLink } from "./approval-link.ts";
import type { ApprovalLinks } from "./approve-by-link.ts";
import { approvalLinks } from "./approve-by-link.ts";

let under: EngineUnderTest;
let folder: string;
let sealer: Sealer;
let links: ApprovalLinks;
let planned: DeploymentPlan;
/** The digest of what would happen now. */
let now = "sha256:seen";
const digest = "sha256:seen";
const grant = { role: "approver", project: null, environment: "production" } as const;

beforeAll(async () => {
  under = await engineUnderTest({ stages: [stage("begin", async () => null)] });
  folder = await mkdtemp(join(tmpdir(), "fairway-links-"));
  sealer = openSealer(under.store, folderKeepers(folder));
  const release = await historyIn(under.store).release("sha256:r1");
  planned = {
    environment: "production",
    release,
    releaseDigest: "sha256:r1",
    from: null,
    reason: "promotion",
  } as DeploymentPlan;
  links = approvalLinks({
    store: under.store,
    sealer,
    plane: {
      plan: async () => ({
        plan: { ...planned, ...(now === digest ? {} : { from: release }) },
        digest: now,
        release: await releaseById(under.store, release),
      }),
    },
    releaseOf: (id) => releaseById(under.store, id),
    projectName: async () => "shop",
  });
});
afterAll(async () => {
  await under.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => void (now = digest));

async function person(name: string): Promise<string> {
  return under.store.transaction(async (tx) => {
    const id = await addPerson(tx, { name, email: `${name}@example.com`, passwordHash: null, identity: null });
    await giveRole(tx, id, grant, "test");
    return id;
  });
}

async function asked(terms: ApprovalTerms = {}, needed = 1): Promise<RunId> {
  const run = await under.engine.startRun({
    ...plan(
      job("approval", [], { input: { needed, digest } }),
      job("begin", ["approval"], { stage: "begin", input: { plan: planned, digest, service: null } as never }),
    ),
    subject: { environment: "production", release: planned.release, from: null, reason: "promotion", digest },
    terms,
  });
  await jobIs(under.engine, run, "approval", "waiting");
  return run;
}

const linkOf = (run: RunId, who: string, over: Partial<ApprovalLink> = {}): Promise<string> =>
  sealLink(sealer, { run, job: "approval", attempt: 1, person: who, digest, expires: Date.now() + 3_600_000, ...over });

test("looking at a link changes nothing; its answer counts, once, and is on record as the person's by a link", async () => {
  const [ann, run] = [await person("ann"), await asked({}, 2)];
  const link = await linkOf(run, ann);
  for (let look = 0; look < 3; look++) expect(await links.show(link)).toMatchObject({ person: "ann", given: [] });
  expect((await under.engine.run(run)).gates[0]?.answers).toEqual([]);
  await links.answer(link, "yes");
  expect((await under.engine.run(run)).gates[0]?.answers).toMatchObject([{ by: "ann", approver: { id: ann } }]);
  for (const again of [link, await linkOf(run, ann)])
    await expect(links.answer(again, "no")).rejects.toMatchObject({ message: "this link was used already" });
  const [row] = await under.store.rows<{ entry: string }>(
    "select entry from fairway.audit where action = 'approval.given' and subject = $1",
    [run],
  );
  expect(JSON.parse(row?.entry ?? "{}")).toMatchObject({ actor: { id: ann, name: "ann" }, detail: { via: "link" } });
});

test("of two answers at the same moment one counts", async () => {
  const [abe, run] = [await person("abe"), await asked({}, 2)];
  const link = await linkOf(run, abe);
  const both = await Promise.allSettled([links.answer(link, "yes"), links.answer(link, "yes")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect((await under.engine.run(run)).gates[0]?.answers).toHaveLength(1);
});

test("a link is refused that is altered, cut, over, or of somebody else's key", async () => {
  const [bob, run] = [await person("bob"), await asked()];
  const link = await linkOf(run, bob);
  const altered = `${link.slice(0, -9)}${link.at(-9) === "A" ? "B" : "A"}${link.slice(-8)}`;
  for (const wrong of [altered, link.slice(0, 60), "", "../../etc/passwd", `${link}AAAA`])
    await expect(links.show(wrong)).rejects.toMatchObject({ code: "not_found" });
  await expect(links.answer(await linkOf(run, bob, { expires: Date.now() }), "yes")).rejects.toMatchObject({
    code: "not_allowed_now",
    message: expect.stringContaining("this link was good until"),
  });
});

test("whoever may not approve at the moment of use is refused, whatever was so when the link was made", async () => {
  const [cat, dan, eve] = [await person("cat"), await person("dan"), await person("eve")];
  const run = await asked({ requester: { id: eve, name: "eve" } });
  const of = { cat: await linkOf(run, cat), dan: await linkOf(run, dan), eve: await linkOf(run, eve) };
  await under.store.transaction((tx) => takeRole(tx, cat, grant));
  await under.store.transaction((tx) => setDisabled(tx, dan, true));
  await expect(links.answer(of.cat, "yes")).rejects.toMatchObject({ code: "denied" });
  await expect(links.answer(of.dan, "yes")).rejects.toMatchObject({ code: "denied" });
  await expect(links.answer(of.eve, "yes")).rejects.toMatchObject({
    code: "not_allowed_now",
    message: expect.stringContaining("eve asked for it"),
  });
  expect((await under.engine.run(run)).gates[0]?.answers).toEqual([]);
});

test("when something else would happen now the link is refused, with every field that differs", async () => {
  const [fay, run] = [await person("fay"), await asked()];
  const link = await linkOf(run, fay);
  now = "sha256:moved";
  await expect(links.answer(link, "yes")).rejects.toMatchObject({
    code: "stale_approval",
    problems: [expect.stringContaining("what runs there: was nothing")],
  });
  await expect(links.show(await linkOf(run, fay, { digest: "sha256:other" }))).rejects.toMatchObject({
    code: "stale_approval",
  });
  now = digest;
  await links.answer(link, "yes");
  await jobIs(under.engine, run, "begin", "succeeded");
});
