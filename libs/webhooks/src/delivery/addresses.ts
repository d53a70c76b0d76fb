import { BlockList, isIP, isIPv6 } from 'node:net';

/** IPv4 that is not the open internet (IANA special-purpose registry, RFC 6890), metadata services among it. */
const CLOSED_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  /** The wire server of Azure, which answers inside its machines alone. */
  ['168.63.129.16', 32],
] as const;

/** Of IPv6 only 2000::/3 is the open internet; these parts of it are not, or lead elsewhere (6to4, Teredo). */
const CLOSED_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const v4 = new BlockList();
for (const [net, prefix] of CLOSED_V4) v4.addSubnet(net, prefix, 'ipv4');
const closedV6 = new BlockList();
for (const [net, prefix] of CLOSED_V6) closedV6.addSubnet(net, prefix, 'ipv6');
const openV6 = new BlockList();
openV6.addSubnet('2000::', 3, 'ipv6');

/**
 * True for an address of the open internet: not loopback, private, link-local, shared (CGNAT), multicast, reserved, and
 * no IPv6 that stands for an IPv4 (mapped, NAT64, 6to4, Teredo).
 * @param address as DNS gives it, without brackets; a zone makes it a local one
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !v4.check(address, 'ipv4');
    case 6:
      return !address.includes('%') && openV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** The address that a URL's host already is; undefined for a name that has to be looked up. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

export const familyOf = (address: string): 4 | 6 => (isIPv6(address) ? 6 : 4);
