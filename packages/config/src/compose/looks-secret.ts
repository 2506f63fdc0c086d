const secretParts = new Set(
  "AUTH CERT CREDENTIAL CREDENTIALS DSN KEY PASS PASSWD PASSWORD PASSPHRASE PRIVATE PWD SALT SECRET SECRETS SIGNATURE TOKEN".split(
    " ",
  ),
);

/** Whether a value looks as if nobody should read it: by the name of its variable, or by what it is. */
export function looksSecret(name: string, value: string): boolean {
  const parts = name.toUpperCase().split(/[^A-Z]+/u);
  if (parts.includes("PUBLIC") || parts.includes("PUBLISHABLE")) return false;
  return (
    parts.some((part) => secretParts.has(part)) ||
    parts.some((part) => /(?:PASSWORD|SECRET|TOKEN|APIKEY)$/u.test(part)) ||
    /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/iu.test(value) ||
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/u.test(value) ||
    /^(?:sk|pk|ghp|gho|xox[a-z]|AKIA|AIza|eyJ)[\w-]{12,}/u.test(value)
  );
}
