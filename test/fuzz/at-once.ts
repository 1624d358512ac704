/** Works through numbers from 0 on, so many at once; `work` answers whether to go on. */
export async function atOnce(
  total: number,
  width: number,
  work: (index: number) => Promise<boolean>
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < total) {
      const index = next
      next += 1
      if (!(await work(index))) next = total
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, total) }, lane))
}
