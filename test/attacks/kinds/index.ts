import type { Attack } from '../attack.ts'
import { begunLogins } from './begun-logins.ts'
import { connectPipelines } from './connect-pipelines.ts'
import { hostileResponses } from './hostile-responses.ts'
import { leftClients } from './left-clients.ts'
import { missingPathsFlood } from './missing-paths.ts'
import { pipelinedFiles } from './pipelined-files.ts'
import { rateKeys } from './rate-keys.ts'
import { slowUploads } from './slow-uploads.ts'
import { stalledReaders } from './stalled-readers.ts'

/** All attacks, in the order in which they are made. */
export const attacks: readonly Attack[] = [
  hostileResponses,
  pipelinedFiles,
  stalledReaders,
  missingPathsFlood,
  connectPipelines,
  leftClients,
  slowUploads,
  rateKeys,
  begunLogins
]
