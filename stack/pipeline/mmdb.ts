// Writes small country databases in MaxMind's format, version 2.0 (https://maxmind.github.io/MaxMind-DB/).
import { isIPv4, isIPv6 } from 'node:net';

/** A network and the ISO code of its country. Addresses of version 4 are looked up as `::a.b.c.d`. */
export type Network = readonly [cidr: string, country: string];

type Data = string | number | bigint | readonly Data[] | { readonly [key: string]: Data };
/** A branch of the search tree: further branches, the offset of a record, or nothing. */
type Branch = { left: Branch; right: Branch } | { record: number } | undefined;

const bitsPerRecord = 24;

/** The database of some networks, none of which holds another. Without networks, no address has a country. */
export function countryDatabase(networks: readonly Network[], built: Date): Buffer {
  const data: Buffer[] = [];
  let size = 0;
  let root: Branch = { left: undefined, right: undefined };
  for (const [cidr, country] of networks) {
    const record = encode({ country: { iso_code: country, names: { en: country } } });
    root = planted(root, bitsOf(cidr), { record: size });
    data.push(record);
    size += record.length;
  }
  const nodes = nodesOf(root);
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: BigInt(Math.floor(built.getTime() / 1000)),
    database_type: 'GeoLite2-Country',
    description: { en: 'Countries of documentation networks' },
    ip_version: 6,
    languages: ['en'],
    node_count: nodes.length,
    record_size: bitsPerRecord,
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([treeOf(nodes), Buffer.alloc(16), ...data, marker, metadata]);
}

function bitsOf(cidr: string): string {
  const [address = '', length = ''] = cidr.split('/');
  if (isIPv4(address)) {
    const bits = address.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
    return '0'.repeat(96) + bits.join('').slice(0, Number(length));
  }
  if (!isIPv6(address) || address.includes('.')) {
    throw new Error(`${cidr} is not a network`);
  }
  const [head = [], tail = []] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  const bits = groups.map((group) => parseInt(group, 16).toString(2).padStart(16, '0'));
  return bits.join('').slice(0, Number(length));
}

function planted(branch: Branch, bits: string, leaf: { record: number }): Branch {
  if (bits === '') {
    return leaf;
  }
  const { left, right } = branch && 'left' in branch ? branch : { left: undefined, right: undefined };
  const rest = bits.slice(1);
  return bits.startsWith('0')
    ? { left: planted(left, rest, leaf), right }
    : { left, right: planted(right, rest, leaf) };
}

interface Node {
  left: Branch;
  right: Branch;
}

/** All nodes, the root first. */
function nodesOf(root: Branch): Node[] {
  const nodes: Node[] = [];
  const waiting: Branch[] = [root];
  for (let branch = waiting.shift(); waiting.length > 0 || branch; branch = waiting.shift()) {
    if (branch && 'left' in branch) {
      nodes.push(branch);
      waiting.push(branch.left, branch.right);
    }
  }
  return nodes;
}

function treeOf(nodes: readonly Node[]): Buffer {
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const tree = Buffer.alloc((nodes.length * bitsPerRecord * 2) / 8);
  const valueOf = (branch: Branch): number => {
    if (branch === undefined) {
      return nodes.length;
    }
    return 'record' in branch ? nodes.length + 16 + branch.record : (numbers.get(branch) ?? nodes.length);
  };
  nodes.forEach(({ left, right }, index) => {
    tree.writeUIntBE(valueOf(left), index * 6, 3);
    tree.writeUIntBE(valueOf(right), index * 6 + 3, 3);
  });
  return tree;
}

const types = { string: 2, uint32: 6, map: 7, uint64: 9, array: 11 } as const;

function encode(value: Data): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([control(types.string, text.length), text]);
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
    return Buffer.concat([control(typeof value === 'number' ? types.uint32 : types.uint64, bytes.length), bytes]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([control(types.array, value.length), ...value.map(encode)]);
  }
  const entries = Object.entries(value as Record<string, Data>);
  return Buffer.concat([
    control(types.map, entries.length),
    ...entries.flatMap(([key, one]) => [encode(key), encode(one)]),
  ]);
}

/** The byte before a value; types above 7 stand in a second one. Sizes from 29 on stand behind it. */
function control(type: number, size: number): Buffer {
  const short = Math.min(size, 29);
  const more = size < 29 ? [] : [size - 29];
  return Buffer.from(type > 7 ? [short, type - 7, ...more] : [(type << 5) | short, ...more]);
}
