import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../testing/cleanup.ts";
import { listenOn, getOnce, group, route, testPlane, type TestPlane } from "../testing/plane.ts";
import { RawClient } from "../testing/raw-client.ts";
import { temporaryDirectory, testRouter } from "../testing/router-process.ts";
import { selfSigned } from "../../../../tools/self-signed.ts";
import { httpService, namedService, rawService, upgradeAnswer } from "../testing/services.ts";
import { askTls, openTls } from "../testing/tls-client.ts";
import { CertificateStore } from "./certificate-store.ts";

const once = (host: string): string => `GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

const noHandshake = { code: expect.stringMatching(/^ERR_SSL|^ECONNRESET$/) as string };

/** A data plane with a TLS listener, and the store its certificates come from. */
async function tlsPlane(
  servicePort: number,
  httpsOnly = false,
): Promise<TestPlane & { readonly store: CertificateStore; readonly tlsPort: number }> {
  const store = new CertificateStore(temporaryDirectory());
  const test = await testPlane({ web: route([group("r1", [servicePort])], { httpsOnly }) });
  const tlsPort = await listenOn(test.plane, (plane, fd, port) => plane.listenTls(fd, port, store));
  return { ...test, store, tlsPort };
}

describe("a TLS listener", () => {
  it("serves each host its certificate, and tells the service that it was https", async () => {
    const { store, tlsPort } = await tlsPlane(await namedService("web"));
    const files = temporaryDirectory();
    const [shop, any, other] = [["shop.test"], ["*.shop.test"], ["other.test"]].map((hosts, i) =>
      selfSigned(files, hosts, i + 1),
    );
    const certificates = [
      { host: "shop.test", ...shop },
      { host: "*.shop.test", ...any },
      { host: "*", ...other },
    ];
    expect((await store.replace({ certificates })).ok).toBe(true);
    const serials = [];
    for (const servername of ["shop.test", "SHOP.test", "a.shop.test", "unknown.test", undefined]) {
      const options = servername === undefined ? {} : { servername };
      const answer = await askTls(tlsPort, once("shop.test"), options);
      expect([answer.protocol, answer.alpn]).toEqual(["TLSv1.3", "http/1.1"]);
      expect(answer.text).toContain('"x-forwarded-proto":"https"');
      serials.push(Number(answer.serial));
    }
    expect(serials).toEqual([1, 1, 2, 3, 3]);
    expect((await askTls(tlsPort, once("shop.test"), { maxVersion: "TLSv1.2" })).protocol).toBe("TLSv1.2");
  });

  it("never ends an answer that was cut off as if it were whole", async () => {
    const services: Socket[] = [];
    const port = await rawService((socket) => {
      services.push(socket);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nhello"));
    });
    const { store, tlsPort } = await tlsPlane(port);
    await store.replace({ certificates: [{ host: "*", ...selfSigned(temporaryDirectory(), ["shop.test"]) }] });
    const client = await openTls(tlsPort);
    const ends = new Promise((tell) => client.once("end", () => tell("end")).once("error", tell));
    client.write("GET / HTTP/1.0\r\nHost: shop.test\r\n\r\n");
    let text = "";
    client.setEncoding("latin1").on("data", (part: string) => (text += part));
    await eventually(() => text.endsWith("hello"));
    for (const service of services) service.resetAndDestroy();
    expect(await ends).toMatchObject({ code: "ECONNRESET" });
  });

  it("ends what it cannot prove, too old a version, another protocol and what is no TLS, and goes on", async () => {
    const { store, tlsPort, plane } = await tlsPlane(await namedService("web"));
    await expect(openTls(tlsPort, { servername: "shop.test" })).rejects.toMatchObject(noHandshake);
    await store.replace({ certificates: [{ host: "shop.test", ...selfSigned(temporaryDirectory(), ["shop.test"]) }] });
    await expect(openTls(tlsPort, { servername: "other.test" })).rejects.toMatchObject(noHandshake);
    const old = { servername: "shop.test", minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
    await expect(openTls(tlsPort, { ...old, ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toMatchObject(noHandshake);
    await expect(openTls(tlsPort, { servername: "shop.test", ALPNProtocols: ["h2"] })).rejects.toMatchObject(
      noHandshake,
    );
    const plain = new RawClient(tlsPort).send(getOnce("/"));
    await plain.until(({ ended, closed }) => ended || closed);
    expect(plain.text).not.toContain("HTTP/1.1 200");
    expect((await askTls(tlsPort, once("a"), { servername: "shop.test" })).text).toContain("200 OK");
    await eventually(() => plane.connections === 0);
  });

  it("carries large bodies both ways, and WebSockets", async () => {
    const big = "x".repeat(3_000_000);
    const web = await httpService((request, answer) => {
      let bytes = 0;
      request.on("data", (part: Buffer) => (bytes += part.length)).on("end", () => answer.end(`${bytes} ${big}`));
    });
    const { store, tlsPort, plane } = await tlsPlane(web);
    await store.replace({ certificates: [{ host: "*", ...selfSigned(temporaryDirectory(), ["a"]) }] });
    const post = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${big.length}\r\n\r\n${big}`;
    const { text } = await askTls(tlsPort, post);
    expect(text.endsWith(`3000000 ${big}`)).toBe(true);
    const sockets = await rawService((socket) =>
      socket.once("data", (head) => socket.write(`${upgradeAnswer(head.toString())}hello`)),
    );
    plane.apply({ version: 2, routes: { web: route([group("r1", [sockets])]) } });
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGVzdA==\r\n";
    const socket = await openTls(tlsPort);
    socket.write(`GET /ws HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n`);
    let got = "";
    for await (const part of socket.setEncoding("latin1") as AsyncIterable<string>) {
      got += part;
      if (got.endsWith("hello")) break;
    }
    expect(got).toContain("101 Switching Protocols");
  });

  it("is where requests in the clear are sent, on a route that wants so", async () => {
    const { ask, tlsPort, store } = await tlsPlane(await namedService("web"), true);
    await store.replace({ certificates: [{ host: "*", ...selfSigned(temporaryDirectory(), ["a"]) }] });
    const { text } = await ask(getOnce("/buy?x=1"));
    expect(text).toContain("308 Permanent Redirect");
    expect(text).toContain(`Location: https://shop.test:${tlsPort}/buy?x=1\r\n`);
    expect((await askTls(tlsPort, once("shop.test"))).text).toContain("200 OK");
    expect((await ask("GET / HTTP/1.0\r\n\r\n")).status).toBe(400);
  });
});

describe("certificate files", () => {
  it("that are missing, mismatched, unreadable or for another host are each said, and change nothing", async () => {
    const directory = temporaryDirectory();
    const store = new CertificateStore(directory);
    const [good, other] = [selfSigned(directory, ["shop.test"]), selfSigned(directory, ["other.test"], 2)];
    await store.replace({ certificates: [{ host: "shop.test", ...good }] });
    const noPem = join(directory, "no.pem");
    writeFileSync(noPem, "hello");
    const loaded = await store.replace({
      certificates: [
        { host: "a.test", certificate: "/nowhere/a.crt", key: good.key },
        { host: "shop.test", certificate: good.certificate, key: other.key },
        { host: "b.test", certificate: other.certificate, key: other.key },
        { host: "c.test", certificate: noPem, key: good.key },
        { host: "d.test", certificate: good.certificate, key: noPem },
        { host: "e test", certificate: good.certificate, key: good.key },
        { host: "f.test", certificate: "f.crt", key: good.key },
        { host: "g.test", certificate: directory, key: good.key },
      ],
    });
    expect(loaded).toEqual({
      ok: false,
      problems: [
        "host a.test: /nowhere/a.crt is not there",
        `host shop.test: the key in ${other.key} does not belong to the certificate in ${good.certificate}`,
        `host b.test: the certificate in ${other.certificate} is for other.test`,
        `host c.test: ${noPem} is not a certificate in PEM`,
        `host d.test: ${noPem} is not a private key in PEM without a passphrase`,
        'certificate 6: host "e test" is neither a host name nor "*"',
        'certificate 7: certificate "f.crt" of f.test is not an absolute path',
        `host g.test: ${directory} cannot be read: EISDIR`,
      ],
    });
    expect(store.status.map(({ host }) => host)).toEqual(["shop.test"]);
    writeFileSync(store.listFile, "{");
    expect(await store.reload()).toMatchObject({ ok: false, problems: [expect.stringContaining("is not JSON")] });
    expect(store.contextFor("shop.test")).toBeDefined();
  });

  it("that were replaced are served after a reload, on a router that runs", async () => {
    const router = await testRouter({ tls: true });
    const { body } = await router.control("PUT", "/table", {
      version: 0,
      routes: { web: route([group("r1", [await namedService("web")])]) },
    });
    expect(body).toEqual({ outcome: "written", version: 1 });
    const first = selfSigned(router.directory, ["shop.test"], 1);
    const put = await router.control("PUT", "/certificates", { certificates: [{ host: "*", ...first }] });
    expect(put).toMatchObject({ status: 200, body: { certificates: [{ host: "*", names: ["shop.test"] }] } });
    const kept = await openTls(router.tlsPort);
    const serial = async (): Promise<string> => (await askTls(router.tlsPort, once("shop.test"))).serial;
    expect(await serial()).toBe("01");
    const second = selfSigned(router.directory, ["shop.test"], 2);
    renameSync(second.certificate, first.certificate);
    const refused = await router.control("POST", "/reload");
    expect(refused).toMatchObject({ status: 400, body: { problems: [expect.stringContaining("does not belong")] } });
    expect(await serial()).toBe("01");
    renameSync(second.key, first.key);
    expect((await router.control("POST", "/reload")).status).toBe(200);
    expect(await serial()).toBe("02");
    kept.write(once("shop.test"));
    await new Promise((answered) => kept.once("data", answered));
    // A new worker, and a new router with the files gone, serve what was in force.
    rmSync(first.key);
    await router.control("POST", "/upgrade");
    expect(await serial()).toBe("02");
    expect(statSync(join(router.directory, "certificates-in-force.json")).mode & 0o777).toBe(0o600);
    await router.stop();
    const again = await testRouter({ tls: true, directory: router.directory });
    expect((await askTls(again.tlsPort, once("shop.test"))).serial).toBe("02");
  });
});
