/** Random numbers that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const names = [
  "Host",
  "Content-Length",
  "content-length",
  "Transfer-Encoding",
  "transfer-encoding ",
  "Transfer_Encoding",
  "Connection",
  "X-A",
  "X\0",
  "X-\x80",
  "Expect",
  "Upgrade",
  "TE",
  " Host",
  "Trailer",
  "Keep-Alive",
  "X-Forwarded-For",
  "X-Request-Id",
];
const values = [
  "5\t",
  "5 \t ",
  "chunked\t",
  "chunked ",
  "close\t",
  "a",
  "5",
  "05",
  "+5",
  "5,5",
  "5 5",
  "0x5",
  "-1",
  "",
  " 5 ",
  "0",
  "chunked",
  "Chunked",
  "chunked, chunked",
  "identity",
  "gzip, chunked",
  "chunked\x0b",
  "xchunked",
  "chunked;q=1",
  "close",
  "keep-alive",
  "upgrade",
  "close, x-a",
  "host",
  "a\0b",
  "a\rb",
  "a\nb",
  "\tv",
  "\xe9",
  "\x7f",
  "websocket",
  "h2c",
  "100-continue",
  "99999999999999999999",
];
/** Right on their own; two of them together are where smuggling begins. */
const framing = ["Content-Length: 5", "Content-Length: 0", "Transfer-Encoding: chunked", "Host: b", "Connection: x-a"];
const methods = ["GET", "POST", "get", "PUT", "FOO", "DELETE", "GET ", "CONNECT", "HEAD", "OPTIONS"];
const targets = [
  "/",
  "/a?b=c",
  "*",
  "http://x/",
  "http://x?y",
  "a",
  "/ b",
  "/\0",
  "/\xe9",
  "/a#b",
  "//x",
  "/\t",
  '/"{}|^',
  "http://u@x/",
];
const versions = ["HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/01.1"];
const lineEnds = ["\n", "\r", "\r\n ", "\r\r\n", "\r\n\t", "\n\r\n"];
const bodies = [
  "",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "5;x=y\r\nhello\r\n0\r\n\r\n",
  "05\r\nhello\r\n0\r\nX: y\r\n\r\n",
  "5\nhello\r\n0\r\n\r\n",
  "5 \r\nhello\r\n0\r\n\r\n",
  "0x5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhelloX0\r\n\r\n",
  "ffffffffff\r\n",
  "-1\r\n",
  "\r\n0\r\n\r\n",
  "5;\nx\r\nhello\r\n0\r\n\r\n",
  "5;x;y=z\r\nhello\r\n0\r\n\r\n",
  '5;x="y"\r\nhello\r\n0\r\n\r\n',
  "5;=\r\nhello\r\n0\r\n\r\n",
  "5;;x\r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
];

/** One request that is right, nearly right or wrong in one of the ways that parsers have been known to disagree on. */
export function mutatedRequest(random: () => number): Buffer {
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
  const mostly = (from: readonly string[], usual: number, share: number): string =>
    pick(random() < share ? from.slice(0, usual) : from);
  const lineEnd = (): string => (random() < 0.95 ? "\r\n" : pick(lineEnds));
  let text = `${mostly(methods, 2, 0.6)} ${mostly(targets, 2, 0.6)} ${mostly(versions, 1, 0.7)}${lineEnd()}`;
  if (random() < 0.9) text += "Host: a\r\n";
  const headers = Math.floor(random() * 4);
  for (let i = 0; i < headers; i++) {
    if (random() < 0.4) text += pick(framing) + lineEnd();
    else text += pick(names) + pick([":", ": ", ": ", ": ", " : ", "", ":\t"]) + pick(values) + lineEnd();
  }
  text += "\r\n";
  if (random() < 0.15) {
    const at = Math.floor(random() * text.length);
    text =
      text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + (random() < 0.5 ? 1 : 0));
  }
  return Buffer.from(text + pick(bodies), "latin1");
}
