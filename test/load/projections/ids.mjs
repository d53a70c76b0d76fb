import { createHash } from 'node:crypto';

/** Of how many sellers, products and customers the deals of a generated log are. */
export const OWNERS = 200;
export const PRODUCTS = 50;
export const CUSTOMERS = 20_000;

/** The UUID that follows from a name, as the statements of a generated log make it. */
export function uuidOf(name) {
  const digits = createHash('md5').update(name).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/** @param {number} n from 0, in the order of opening */
export const dealId = (n) => uuidOf(`deal ${n}`);
/** @param {number} n from 0 to `OWNERS` - 1 */
export const ownerId = (n) => uuidOf(`owner ${n}`);
/** @param {number} n from 0 to `PRODUCTS` - 1 */
export const productId = (n) => uuidOf(`product ${n}`);
/** @param {number} n from 0 to `CUSTOMERS` - 1 */
export const customerId = (n) => uuidOf(`customer ${n}`);
