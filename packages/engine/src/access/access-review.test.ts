import type { DutyControl } from "../duties/duty-control.ts";
import { localActor } from "@fairway/core";
import { expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import { evidenceAbout } from "../store/duty-records.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { accessReviewControl } from "./access-review-control.ts";
import { vendorContacts } from "./vendor-contacts.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const duty = "credential/aws@production:access-review";
const duties: Pick<DutyControl, "inForce"> = {
  inForce: async () =>
    ({
      plan: {
        ...{ commit: "c", duties: [duty, "drill/db"].map((id) => ({ id, environment: "production", digest: null })) },
        credentials: [{ vendor: "Kaiko" }],
      },
    }) as never,
};
const listed = (...names: readonly string[]) =>
  names.map((principal) => ({
    ...({ principal, kind: "user", arn: "", access: [], lastUsed: null, used: null, concerns: [] } as const),
  }));
const ada = localActor("ada");
const toni = localActor("toni");

test("a review is shown once everybody is decided by somebody else, and whoever is still there the next time turns it red", async () => {
  const reviews = accessReviewControl({ store, duties, now: Date.now });
  const outcomes = async () =>
    (await evidenceAbout(store, { duty, release: null, limit: 10 })).map(({ outcome }) => outcome);
  const first = await actingAs(ada, () =>
    reviews.open({ duty, system: "aws:1", principals: listed("ada", "bob", "eve") }),
  );
  const decide = (actor: typeof ada, principal: string, choice: "keep" | "revoke", number = first.number) =>
    actingAs(actor, () => reviews.decide({ number, principal, choice, because: "looked at" }));
  await expect(decide(ada, "ada", "keep")).rejects.toMatchObject({ code: "denied" });
  await expect(decide(ada, "nobody", "keep")).rejects.toMatchObject({ code: "not_found" });
  await decide(toni, "ada", "keep");
  expect(await outcomes()).toEqual([]);
  // The last two at once: neither leaves the other's out.
  await Promise.all([decide(ada, "bob", "keep"), decide(toni, "eve", "revoke")]);
  expect(await outcomes()).toEqual(["passed"]);
  const second = await actingAs(ada, () => reviews.open({ duty, system: "aws:1", principals: listed("ada", "eve") }));
  expect(await outcomes()).toEqual(["failed", "passed"]);
  expect(second.principals.find(({ principal }) => principal === "eve")?.concerns[0]).toContain("was to be revoked");
  await expect(decide(toni, "ada", "keep")).rejects.toMatchObject({ code: "not_allowed_now" });
  expect(await reviews.list()).toMatchObject([{ number: second.number, open: 2 }]);
  // Another list before anybody has decided forgets nothing, and shows no other duty.
  const third = await actingAs(ada, () => reviews.open({ duty, system: "aws:1", principals: listed("eve") }));
  expect(third.principals[0]?.concerns[0]).toContain("was to be revoked");
  await decide(toni, "eve", "revoke", third.number);
  expect((await outcomes())[0]).toBe("failed");
  await expect(
    actingAs(ada, () => reviews.open({ duty: "drill/db", system: "aws:1", principals: listed("eve") })),
  ).rejects.toMatchObject({ code: "bad_request" });
});

test("what was spoken of with a vendor is kept, of vendors that there are", async () => {
  const contacts = vendorContacts(store, duties);
  await actingAs(ada, () => contacts.log("kaiko", "the allowlist has both addresses"));
  expect(await contacts.list("Kaiko", 5)).toMatchObject([{ by: "ada", note: "the allowlist has both addresses" }]);
  await expect(contacts.list("Nobody", 5)).rejects.toMatchObject({ code: "not_found" });
  // A vendor whose last key is gone is written to no more, and what was written stays to be read.
  const gone = vendorContacts(store, { inForce: async () => ({ plan: {} }) as never });
  expect(await gone.list("Kaiko", 5)).toHaveLength(1);
  await expect(actingAs(ada, () => gone.log("Kaiko", "again"))).rejects.toMatchObject({ code: "not_found" });
});
