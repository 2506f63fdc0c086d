/** Parameters of connection strings, with the variables in which PostgreSQL's own programs look for the same. */
const parameters: Readonly<Record<string, string>> = {
  host: "PGHOST",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  options: "PGOPTIONS",
};

/**
 * The variables by which `pg_dump`, `psql` and whatever is built on libpq find the database of a connection string: they read
 * no `DATABASE_URL`, and without any of these they would go to another database
 * (https://www.postgresql.org/docs/current/libpq-envars.html).
 */
export function clientVariables(url: string): Readonly<Record<string, string>> {
  if (!URL.canParse(url)) return {};
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const named = {
    // An address of IPv6 stands in brackets in a connection string only.
    PGHOST: hostname.replace(/^\[(.*)\]$/u, "$1"),
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...Object.fromEntries(
      Object.entries(parameters).flatMap(([parameter, name]) => {
        const value = searchParams.get(parameter);
        return value === null ? [] : [[name, value]];
      }),
    ),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ""));
}
