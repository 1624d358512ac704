/**
 * Everything undocumented that the packages use of Node and Fastify, each with a test that fails once it has changed.
 */

export { afterAnswers, currentResponse } from './current-response.ts'
export { endSoon, endSoonAfterLast } from './end-soon.ts'
