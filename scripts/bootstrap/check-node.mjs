const OLDEST = 20

/** Ends the process on a Node that the other scripts do not run on. */
export function checkNode() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST) return
  console.error(
    `RELIW's scripts require Node.js ${OLDEST} or newer; this is ${process.versions.node}.`
  )
  process.exit(1)
}
