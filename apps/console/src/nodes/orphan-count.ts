export function orphanCountText(count: number): string {
  return count === 1 ? "1 VPS is in no inventory" : `${count} VPSs are in no inventory`;
}
