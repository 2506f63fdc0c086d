/** What git takes as the name of a branch, and what a shell, a terminal or a web page would rather not be given. */
export const hostileBranches: readonly string[] = [
  "a;touch${IFS}pwned",
  "$(touch${IFS}pwned)",
  "`touch${IFS}pwned`",
  "x|sh",
  "a&&touch${IFS}pwned",
  "'single'and\"double\"",
  "<script>alert(1)</script>",
  "rtl-\u202egnp.exe",
  "emoji-🚀-ünïcode",
  "%s%n%d",
  "refs/heads/inside",
];

/** What names no revision, whatever it tries. */
export const impossibleRefs: readonly string[] = [
  "--upload-pack=touch pwned",
  "-n1",
  "main\ntouch pwned",
  "main\u0000",
  "no such branch",
  "HEAD~9999",
  "../../etc/passwd",
  "main:web/server.mjs",
  "HEAD^{tree}",
  "@{-1}",
  ":/Begin",
  "\u001b[31mred",
];

/** First lines, and more, of commit messages. */
export const hostileMessages: readonly string[] = [
  "$(touch pwned) `touch pwned`; touch pwned | sh && touch pwned",
  "' OR 1=1; drop table fairway.runs; --",
  "<script>alert(1)</script>",
  "\u202egnitirw sdrawkcab",
  "\u001b[2J\u001b[31mred\u001b]0;owned\u0007",
  "bell\u0007 back\u0008space carriage\rreturn tab\t",
  "Subject\n\nBody line 1\nBody line 2\u001b[31m",
  `Long ${"x".repeat(10_000)}`,
  "{{constructor}} ${process.exit(1)} %s%n",
];
