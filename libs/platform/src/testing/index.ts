/** What a test run needs of this library, without loading the rest of it. */
export { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres';
