// Two identity providers of one organisation on this machine: a real one, and one that says whatever the code asks for.
import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const client = { client_id: "fairway", client_secret: "a secret of the story" };
const redirect = "https://fairway.example.com/auth/oidc/callback";

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

/** Anybody may log in there, under any name, which is also their subject. */
async function realProvider() {
  let handle = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  const issuer = `http://127.0.0.1:${await listening(server)}`;
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [redirect] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username", "groups"] },
    conformIdTokenClaims: false,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: true,
        preferred_username: id,
        groups: id === "olga" ? ["platform", "constructor"] : [],
      }),
    }),
    cookies: { keys: ["a key of the story"] },
  });
  handle = provider.callback();
  return issuer;
}

/** Signs whatever the authorization code names; `{"aud":"another"}` is a code, as is `{"key":"another"}`. */
async function lyingProvider() {
  const keys = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = (header, claims, key) => {
    const text = `${encoded(header)}.${encoded(claims)}`;
    if (header.alg === "none") return `${text}.`;
    return `${text}.${createSign("sha256").update(text).sign(key).toString("base64url")}`;
  };
  let issuer = "";
  const server = createServer((request, response) => void answerTo(request, response));
  async function answerTo(request, response) {
    const answer = (value) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (request.url === "/.well-known/openid-configuration")
      return answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        id_token_signing_alg_values_supported: ["RS256"],
        response_types_supported: ["code"],
      });
    if (request.url === "/keys")
      return answer({ keys: [{ ...keys[0].publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" }] });
    let body = "";
    for await (const part of request) body += part;
    const { alg = "RS256", key, leave = [], ...said } = JSON.parse(new URLSearchParams(body).get("code") ?? "{}");
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: client.client_id, sub: "mallory", iat: now, exp: now + 300, ...said };
    for (const claim of leave) delete claims[claim];
    const token = signed({ alg, kid: "1" }, claims, keys[key === "another" ? 1 : 0].privateKey);
    answer({ access_token: "opaque", token_type: "Bearer", id_token: token });
  }
  issuer = `http://127.0.0.1:${await listening(server)}`;
  return issuer;
}

process.send?.({ real: await realProvider(), lying: await lyingProvider() });
process.on("disconnect", () => process.exit(0));
