import { plainAddress } from 'kit/address';

/** More hops than any chain of proxies has; what a client writes in front of them is not read. */
const MOST_HOPS = 20;

/**
 * Who is behind trusted proxies: the last hop of X-Forwarded-For that is no trusted proxy itself. Each proxy appends who
 * spoke to it, so what stands left of that hop is the client's own claim. The socket's address where the header says none.
 */
export function forwardedAddress(
  socketAddress: string,
  forwardedFor: string | readonly string[] | undefined,
  isTrusted: (address: string) => boolean,
): string {
  const header = typeof forwardedFor === 'string' ? forwardedFor : (forwardedFor ?? []).join(',');
  let address = plainAddress(socketAddress) || socketAddress;
  for (const hop of header.split(',').slice(-MOST_HOPS).reverse()) {
    if (!isTrusted(address)) return address;
    const next = plainAddress(withoutPort(hop.trim()));
    if (next === '') return address;
    address = next;
  }
  return address;
}

/** Some proxies write `1.2.3.4:5678` and `[::1]:5678`. */
function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(hop);
  if (bracketed) return bracketed[1] ?? '';
  const [address = '', port, ...more] = hop.split(':');
  return port !== undefined && more.length === 0 ? address : hop;
}
