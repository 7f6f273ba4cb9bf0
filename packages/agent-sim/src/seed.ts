/** Numbers that look random and follow from a name: the same node is the same node again after a restart. */

/** FNV-1a, 32 bits (its reference: isthe.com/chongo/tech/comp/fnv), then mixed, as neighbours should differ. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** From 0 to 1, 1 excluded. */
export function fractionOf(text: string): number {
  return hashOf(text) / 2 ** 32;
}

/** Between the two, spread evenly over the orders of magnitude: traffic is like that. */
export function magnitudeOf(text: string, range: { least: number; most: number }): number {
  return range.least * (range.most / range.least) ** fractionOf(text);
}

export function pickOf<Item>(text: string, items: readonly [Item, ...Item[]]): Item {
  return items[hashOf(text) % items.length] ?? items[0];
}
