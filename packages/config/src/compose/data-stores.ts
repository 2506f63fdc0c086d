/** A service of compose that keeps data and is not the project's own program. */
export interface DataStore {
  readonly is: string;
  /** Fairway gives services this itself. */
  readonly isPostgres: boolean;
}

const stores: readonly (readonly [RegExp, string])[] = [
  [/^(?:postgres|postgis|pgvector|timescaledb(?:-ha)?|postgresql)$/u, "PostgreSQL"],
  [/^(?:mysql|mariadb|percona)$/u, "MySQL"],
  [/^(?:mongo|mongodb|mongodb-community-server)$/u, "MongoDB"],
  [/^(?:redis|redis-stack|redis-stack-server|valkey|keydb|dragonfly)$/u, "Redis"],
  [/^memcached$/u, "Memcached"],
  [/^(?:rabbitmq|nats|kafka|cp-kafka|redpanda|activemq|zookeeper|cp-zookeeper)$/u, "a message broker"],
  [/^(?:elasticsearch|opensearch|meilisearch|typesense|solr)$/u, "a search engine"],
  [/^(?:minio|localstack|azurite)$/u, "object storage"],
  [/^(?:clickhouse|clickhouse-server|influxdb|cassandra|couchdb|neo4j|qdrant|weaviate)$/u, "a database"],
];

/** What data an image keeps; null when it is no data store that is known. */
export function dataStoreOf(image: string): DataStore | null {
  const name = image.split("@")[0]?.split("/").at(-1)?.split(":")[0] ?? "";
  const found = stores.find(([names]) => names.test(name));
  return found === undefined ? null : { is: found[1], isPostgres: found[1] === "PostgreSQL" };
}
