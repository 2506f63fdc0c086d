import { expect, test } from "vitest";
import { argumentsOf, daemonOptions, optionsFrom, type WrittenDaemonOptions } from "./daemon-options.ts";

const written: WrittenDaemonOptions = {
  dataDirectory: "/data",
  repository: "/srv/shop",
  host: "127.0.0.1",
  port: "7300",
  router: "local",
  routerHost: "0.0.0.0",
  routerPort: "80",
  internalPort: "7301",
};

test.each<Partial<WrittenDaemonOptions>>([
  {},
  { router: "haproxy" },
  { tlsPort: "443", accessLog: "all", routerWorkers: "2" },
  { cacheLimit: "0.5" },
  { containerEngine: "unix:///run/docker.sock" },
  { accessLog: "0.05" },
])("a daemon that is told what it is to be understands it: %j", (more) => {
  const options = daemonOptions({ ...written, ...more });
  expect(optionsFrom(argumentsOf(options))).toEqual(options);
});

test("what was not asked for is not there", () => {
  expect(Object.keys(daemonOptions(written))).not.toContain("tlsPort");
  expect(daemonOptions({ ...written, accessLog: "all" }).accessLogSample).toBe(1);
});

test.each<[Partial<WrittenDaemonOptions>, string]>([
  [{ tlsPort: "https" }, "--tls-port must be a port"],
  [{ accessLog: "1.5" }, "from 0 to 1"],
  [{ accessLog: "" }, "from 0 to 1"],
  [{ routerWorkers: "0" }, "from 1 to 64"],
  [{ routerWorkers: "65" }, "from 1 to 64"],
  [{ cacheLimit: "-1" }, "number of GiB"],
  [{ cacheLimit: "10GB" }, "number of GiB"],
  [{ cacheLimit: "" }, "number of GiB"],
  [{ containerEngine: "tcp://10.0.0.7:2375" }, "auto, podman, buildah, none or the path of a socket"],
  [{ router: "haproxy", tlsPort: "443" }, "are not for HAProxy"],
  [{ router: "nginx" }, "local or haproxy"],
])("%j is refused", (more, said) => {
  expect(() => daemonOptions({ ...written, ...more })).toThrow(
    expect.objectContaining({ code: "bad_request", message: expect.stringContaining(said) as string }),
  );
});

test("what is not said is as it was, and what is said wins", () => {
  const before = daemonOptions({
    ...written,
    tlsPort: "443",
    accessLog: "0.5",
    routerWorkers: "2",
  });
  const { dataDirectory, repository, host } = written;
  const now = (more: Partial<WrittenDaemonOptions>): unknown =>
    daemonOptions({ dataDirectory, repository, host, ...more }, before);
  expect(now({})).toEqual(before);
  expect(now({ routerPort: "8080", tlsPort: "none" })).toEqual({
    ...written,
    ...{ port: 7300, routerPort: 8080, internalPort: 7301, accessLogSample: 0.5, routerWorkers: 2 },
  });
  expect(now({ accessLog: "none" })).not.toHaveProperty("accessLogSample");
  expect(now({ accessLog: "all" })).toMatchObject({ accessLogSample: 1 });
  expect(now({ accessLog: "0.1" })).toMatchObject({ accessLogSample: 0.1 });
  // Of another router nothing is taken over that it has not.
  expect(Object.keys(now({ router: "haproxy" }) as object)).not.toContain("tlsPort");
});
