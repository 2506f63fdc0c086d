import { FairwayError } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import { recordChange } from "../store/audit.ts";
import { auditEntries } from "../store/audit-rows.ts";
import type { Store } from "../store/store.ts";

/** Something that was spoken of with a vendor. */
export interface VendorContact {
  readonly number: number;
  readonly at: string;
  readonly by: string;
  readonly note: string;
}

/** What was spoken of with vendors: rows of the record, which are never changed. */
export interface VendorContacts {
  /** The newest first. Throws `not_found` for a vendor that no credential names and that nobody has spoken with. */
  list(vendor: string, limit: number): Promise<readonly VendorContact[]>;
  /** Throws `not_found`. */
  log(vendor: string, note: string): Promise<void>;
}

export function vendorContacts(store: Store, duties: Pick<DutyControl, "inForce">): VendorContacts {
  const ofVendor = (vendor: string, limit: number): ReturnType<typeof auditEntries> =>
    auditEntries(store, { action: "vendor.contacted", subject: `vendor/${vendor}`, limit });
  const known = async (asked: string, alsoGone = false): Promise<string> => {
    const { plan } = await duties.inForce();
    const vendors = [...new Set((plan.credentials ?? []).map(({ vendor }) => vendor))];
    const found = vendors.find((one) => one.toLowerCase() === asked.toLowerCase());
    if (found !== undefined) return found;
    // What was spoken of with one whose last key is gone is still there to be read.
    if (alsoGone && (await ofVendor(asked, 1)).length > 0) return asked;
    throw new FairwayError("not_found", `no credential is of ${asked}`, {
      hint: `there are ${vendors.join(", ") || "none"}: ops/credentials.yaml`,
    });
  };
  return {
    async list(asked, limit) {
      const entries = await ofVendor(await known(asked, true), limit);
      return entries.map(({ number, at, actor, detail }) => ({
        ...{ number, at, by: actor.name, note: String((detail as { readonly note?: string }).note ?? "") },
      }));
    },
    async log(asked, note) {
      const vendor = await known(asked);
      await store.transaction(async (tx) =>
        recordChange(tx, "vendor.contacted", { subject: `vendor/${vendor}`, environment: null, detail: { note } }),
      );
    },
  };
}
