/** Things that are relayed, for tests of other libraries. */
export { count, registry, streamOf, thingsBook } from '../relay/testing/things';
