import type { Test } from 'tap'

/** The running test, as the end of whatever is started for it. */
export type TestContext = Pick<Test, 'teardown'>
