export { UnstorableValue, arrayOf } from './array-of';
export type { ElementType } from './array-of';
