import type { AccessReviewShape } from "@fairway/api";
import type { AccessReview } from "@fairway/core";
import { dayOf } from "@fairway/core";
import type { DutyControl, Store } from "@fairway/engine";
import { accessReviewControl, vendorContacts } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";
import { assertMayAttest } from "./may-attest.ts";

type AccessOperations =
  | "accessReviews"
  | "accessReview"
  | "openAccessReview"
  | "decideAccess"
  | "vendorContacts"
  | "logVendorContact";

/** Who can do what, decided one by one, and what was spoken of with vendors. */
export function accessReviewHandlers({
  store,
  duties,
}: {
  readonly store: Store;
  readonly duties: DutyControl;
}): Pick<Handlers, AccessOperations> {
  const reviews = accessReviewControl({ store, duties, now: Date.now });
  const contacts = vendorContacts(store, duties);
  const listed = async (vendor: string, limit: number) =>
    (await contacts.list(vendor, limit)).map((contact) => ({ ...contact }));
  return {
    accessReviews: async () => (await reviews.list()).map(viewOf),
    accessReview: async ({ number }) => viewOf(await reviews.byNumber(number)),
    openAccessReview: async ({ duty, system, principals }, { actor, caller }) => {
      const { plan } = await duties.inForce();
      assertMayAttest(plan, duty, { actor, token: caller?.token?.kind ?? null }, dayOf(Date.now()));
      const asked = principals.map((one) => ({ ...one, arn: "", used: null }));
      return viewOf(await reviews.open({ duty, system, principals: asked }));
    },
    decideAccess: async ({ number, principal, choice, because }, { actor, caller }) => {
      const { plan } = await duties.inForce();
      const { duty } = await reviews.byNumber(number);
      assertMayAttest(plan, duty, { actor, token: caller?.token?.kind ?? null }, dayOf(Date.now()));
      return viewOf(await reviews.decide({ number, principal, choice, because }));
    },
    vendorContacts: ({ vendor, limit }) => listed(vendor, limit),
    logVendorContact: async ({ vendor, note }) => {
      await contacts.log(vendor, note);
      return listed(vendor, 50);
    },
  };
}

const viewOf = ({ principals, ...review }: AccessReview): AccessReviewShape => ({
  ...review,
  principals: principals.map(({ access, concerns, decision, ...one }) => ({
    ...{ ...one, access: [...access], concerns: [...concerns] },
    decision:
      decision === null
        ? null
        : { choice: decision.choice, because: decision.because, by: decision.by, at: decision.at },
  })),
});
