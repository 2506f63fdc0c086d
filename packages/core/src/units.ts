/** A span of time in milliseconds. */
export type Millis = number;

/** A share of a whole, 0 to 100. */
export type Percent = number;

/** A point in time as ISO 8601 in UTC, the only form in which times leave the process. */
export type Timestamp = string;
