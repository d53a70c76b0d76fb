export { ArrayPacker, UnstorableValue, arrayOf, fieldWriter } from './array-of';
export type { ElementType, FieldType } from './array-of';
export { instantOfText } from './instant-text';
export { ByteWriter } from './byte-writer';
