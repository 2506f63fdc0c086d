/**
 * The folder of the socket that a database is reached by, `postgresql://api@localhost/api?host=%2Frun%2Fpostgresql`; null for
 * one that is reached over the network. A container sees the database only if it sees this folder.
 */
export function socketFolderOf(databaseUrl: string): string | null {
  const host = URL.canParse(databaseUrl) ? new URL(databaseUrl).searchParams.get("host") : null;
  return host?.startsWith("/") === true ? host : null;
}
