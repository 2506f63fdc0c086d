import type { RouterCertificate, RouterStatus } from "@fairway/api";
import type { Maintenance } from "@fairway/core";
import { FairwayError, setMaintenance } from "@fairway/core";
import type { DataDirectory } from "@fairway/engine";
import { certificatesIn } from "./certificates.ts";
import type { Composition } from "./compose.ts";

/** What may change of a router that runs. What is left out stays as it is. */
export interface RouterChange {
  readonly workers?: number | undefined;
  /** Which part of the requests that went well is logged; null ends the log. */
  readonly accessLogSample?: number | null | undefined;
}

/** What people may ask of whatever carries the traffic. */
export interface RouterControl {
  status(): Promise<RouterStatus>;
  /**
   * Puts the certificates in the data directory in force. Throws `bad_request` with every problem of the certificates; nothing
   * has changed then.
   */
  reload(): Promise<{ certificates: RouterCertificate[] }>;
  /** Has new workers take over, with the installed code and these settings. Throws `not_allowed_now`. */
  upgrade(settings: RouterChange): Promise<{ readonly worker: number }>;
  /** Tells the users of a route to come back later; null lets them in again. Throws `not_found`. */
  maintain(route: string, maintenance: Maintenance | null): Promise<void>;
}

/** The control of the router that the daemon was composed with. */
export function routerControl(
  { router, traffic }: Pick<Composition, "router" | "traffic">,
  { certificates: certificatesDirectory, accessLog }: Pick<DataDirectory, "certificates" | "accessLog">,
): RouterControl {
  return {
    status: async () => {
      const [status, { routes }] = await Promise.all([traffic.status(), traffic.read()]);
      const { pid, since, public: onPublic, internal, tableVersion, connections, connectionLimit } = status;
      const maintenance = Object.entries(routes).flatMap(([route, { maintenance: closed }]) =>
        closed === undefined ? [] : [{ route, message: closed.message }],
      );
      const both = {
        ...pid,
        since,
        public: onPublic,
        internal,
        tableVersion,
        connections,
        connectionLimit,
        maintenance,
      };
      if (!("endpoints" in status)) return { kind: "haproxy", ...both, ...unknownOfHaproxy };
      const { publicTls, files, held, totals, certificates, endpoints, workers, processes, accessLog } = status;
      return {
        kind: "local",
        ...both,
        ...{ publicTls, files, held, totals, workers, accessLogSample: accessLog?.sample ?? null },
        processes: processes.map(({ files: _files, ...one }) => one),
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
    upgrade: async ({ workers, accessLogSample: sample }) => {
      if (!("reload" in router)) {
        if (workers === undefined && sample === undefined) return router.upgrade();
        throw new FairwayError("not_allowed_now", "HAProxy has no workers and no access log of ours to change");
      }
      const log = sample === undefined || sample === null ? sample : { file: accessLog, sample };
      return router.upgrade({
        ...(workers === undefined ? {} : { workers }),
        ...(log === undefined ? {} : { accessLog: log }),
      });
    },
    maintain: (route, maintenance) => setMaintenance(traffic, route, maintenance),
  };
}

const unknownOfHaproxy = {
  ...{ publicTls: null, files: null, held: null, totals: {}, certificates: [], endpoints: [] },
  ...{ workers: 1, processes: [], accessLogSample: null },
};

const shown = <One extends { readonly names: readonly string[] }>(
  one: One,
): Omit<One, "names"> & { names: string[] } => ({
  ...one,
  names: [...one.names],
});
