export { ArrayPacker, UnstorableValue, arrayOf, fieldWriter } from './array-of';
export type { ElementType, FieldType } from './array-of';
export { ByteWriter } from './byte-writer';
