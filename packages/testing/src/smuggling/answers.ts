import { answerChunks, answerLengths, answerTrailers } from './answer-bodies.ts'
import type { AnswerCases } from './answer-case.ts'
import { answerFramings, answerHeaderLines } from './answer-heads.ts'
import { answerInformations, answerSplitting } from './answer-splitting.ts'
import { answerStatusLines } from './answer-status-lines.ts'

/** All that an origin may try, by what it plays with. */
export const smuggledAnswers: Readonly<Record<string, AnswerCases>> = {
  'status lines': answerStatusLines,
  'the framing of a body': answerFramings,
  'header lines': answerHeaderLines,
  chunks: answerChunks,
  trailers: answerTrailers,
  'the length of a body': answerLengths,
  'bytes after an answer': answerSplitting,
  informations: answerInformations
}
