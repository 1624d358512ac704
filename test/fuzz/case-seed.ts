/** The seed of one case, so that it can be had alone: by the seed of its run, and its number. */
export function seedOf(seed: number, index: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b)) | 0
}
