import { BlockList, isIPv4, isIPv6 } from 'node:net'

// Everything of IPv4 that is not the public internet (RFC 6890 and multicast).
const PRIVATE_V4 = [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
]
// Of IPv6 only 2000::/3 is public, but for these: Teredo and other special uses, documentation, 6to4. What lies
// outside (loopback, link-local, unique local, IPv4 in disguise, NAT64) is private without being listed.
const PRIVATE_V6 = ['2001::/23 2001:db8::/32 2002::/16 3fff::/20']

const privateV4 = listOf(PRIVATE_V4, 'ipv4')
const privateV6 = listOf(PRIVATE_V6, 'ipv6')
const publicV6 = listOf(['2000::/3'], 'ipv6')

/** Whether an IP address belongs to this machine or to a network that is not the public internet. */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return privateV4.check(address, 'ipv4')
  const bare = address.replace(/%.*$/, '')
  if (!isIPv6(bare)) return true
  return !publicV6.check(bare, 'ipv6') || privateV6.check(bare, 'ipv6')
}

function listOf(lines: string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const subnet of lines.flatMap((line) => line.split(' '))) {
    const [network = '', prefix] = subnet.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}
