import type { RouterCertificate, RouterStatus } from "@fairway/api";
import type { Maintenance } from "@fairway/core";
import { FairwayError, setMaintenance } from "@fairway/core";
import { certificatesIn } from "./certificates.ts";
import type { Composition } from "./compose.ts";

/** What people may ask of whatever carries the traffic. */
export interface RouterControl {
  status(): Promise<RouterStatus>;
  /** Puts the certificates in the data directory in force. Throws `bad_request` with every problem of the certificates; nothing has changed then. */
  reload(): Promise<{ certificates: RouterCertificate[] }>;
  upgrade(): Promise<{ readonly worker: number }>;
  /** Tells the users of a route to come back later; null lets them in again. Throws `not_found`. */
  maintain(route: string, maintenance: Maintenance | null): Promise<void>;
}

/** The control of the router that the daemon was composed with. */
export function routerControl(
  { router, traffic }: Pick<Composition, "router" | "traffic">,
  certificatesDirectory: string,
): RouterControl {
  return {
    status: async () => {
      const status = await traffic.status();
      const { pid, since, public: onPublic, internal, tableVersion, connections, connectionLimit } = status;
      const both = { ...pid, since, public: onPublic, internal, tableVersion, connections, connectionLimit };
      if (!("endpoints" in status)) {
        const unknown = { publicTls: null, files: null, held: null, totals: {}, certificates: [], endpoints: [] };
        return { kind: "haproxy", ...both, ...unknown };
      }
      const { publicTls, files, held, totals, certificates, endpoints } = status;
      return {
        kind: "local",
        ...both,
        ...{ publicTls, files, held, totals },
        certificates: certificates.map(shown),
        endpoints: [...endpoints],
      };
    },
    reload: async () => {
      if ("reload" in router) {
        const files = await certificatesIn(certificatesDirectory);
        const { certificates } = await (files === null ? router.reload() : router.certify(files));
        return { certificates: certificates.map(shown) };
      }
      throw new FairwayError("not_allowed_now", "HAProxy has no certificates of ours to read again", {
        hint: "give them to whatever ends TLS in front of it",
      });
    },
    upgrade: () => router.upgrade(),
    maintain: (route, maintenance) => setMaintenance(traffic, route, maintenance),
  };
}

const shown = <One extends { readonly names: readonly string[] }>(
  one: One,
): Omit<One, "names"> & { names: string[] } => ({
  ...one,
  names: [...one.names],
});
