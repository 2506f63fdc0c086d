const passedOn =
  /^(?:(?:https?|no|all)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|(?:REQUESTS|CURL|AWS)_CA_BUNDLE|PIP_CERT|GIT_SSL_CAINFO)$/i;

/**
 * How the network is reached from this machine: proxies and whom to trust. Where there is one of them no package can be
 * installed without, so every command gets them from the daemon.
 */
export const networkEnvironment = (
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).filter((one): one is [string, string] => passedOn.test(one[0]) && one[1] !== undefined),
  );
