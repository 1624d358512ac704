import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { createRequestIds } from '../src/index.ts'

function requestWith(id?: string): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  if (id !== undefined) request.headers['x-request-id'] = id
  return request
}

t.test('every id is another, of one source or of two', async (t) => {
  const [one, two] = [createRequestIds(), createRequestIds()]
  const ids = new Set<string>()
  for (let i = 0; i < 1_000; i++) ids.add(one(requestWith())).add(two(requestWith()))
  t.equal(ids.size, 2_000)
  for (const id of ids) if (!/^[\w-]{13,20}$/.test(id)) t.fail(id)
})

t.test('a valid id of a trusted proxy is used', async (t) => {
  const requestId = createRequestIds(() => true)
  for (const id of ['x', 'a'.repeat(128), '4bf92f35-77b3@a.example', 'A.b_c:d+e/f=g-1']) {
    t.equal(requestId(requestWith(id)), id)
  }
})

t.test('any other id is replaced', async (t) => {
  const requestId = createRequestIds(() => true)
  for (const id of ['', 'a'.repeat(129), 'a b', 'a,b', 'a\nb', '<b>', 'é', '"', 'a;b', '%0a']) {
    t.not(requestId(requestWith(id)), id)
  }
})

t.test('by default no proxy is trusted', async (t) => {
  t.not(createRequestIds()(requestWith('mine')), 'mine')
})
