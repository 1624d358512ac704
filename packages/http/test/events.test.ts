import { channel } from 'node:diagnostics_channel'
import { type EventChannel, faults, listen, Publisher } from '@reliw/options'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import {
  type AuthEvent,
  authEvents,
  connectionEvents,
  limitsEvents,
  publisherOf,
  upstreamEvents,
  type WafEvent,
  wafEvents
} from '../src/index.ts'

const failure = {
  host: 'a.example',
  site: 'a.example',
  clientIp: '192.0.2.1',
  requestId: 'r-1',
  way: 'password'
}

function hear(t: Test, publisher: Publisher): AuthEvent[] {
  const events: AuthEvent[] = []
  t.teardown(listen(authEvents.failure, publisher, (event) => events.push(event)))
  return events
}

t.test('a channel is found by its name', async (t) => {
  const all = {
    auth: authEvents,
    connection: connectionEvents,
    limits: limitsEvents,
    upstream: upstreamEvents,
    waf: wafEvents
  }
  for (const [part, events] of Object.entries(all)) {
    for (const [kind, one] of Object.entries(events)) {
      t.equal(one, channel(`reliw.${part}.${kind}`))
    }
  }
})

t.test('all instances of an app share one publisher, and two apps have two', async (t) => {
  const one = Fastify()
  const other = Fastify()
  const publishers: Publisher[] = []
  await one.register(async (inner) => {
    publishers.push(publisherOf(inner))
    inner.get('/', ({ server }) => publishers.push(publisherOf(server)))
  })
  await one.inject('/')
  t.equal(publishers.length, 2)
  for (const publisher of publishers) t.equal(publisher, publisherOf(one))
  t.not(publisherOf(other), publisherOf(one))
})

t.test('a listener receives the events of one publisher', async (t) => {
  const ours = new Publisher()
  const theirs = new Publisher()
  const events = hear(t, ours)
  const others = hear(t, theirs)
  authEvents.failure.publish({ ...failure, publisher: ours })
  authEvents.failure.publish({ ...failure, publisher: theirs, way: 'jwt' })
  for (const message of [undefined, null, 1, 'text', {}, failure]) {
    channel('reliw.auth.failure').publish(message)
  }
  t.strictSame(
    events.map(({ way }) => way),
    ['password']
  )
  t.strictSame(
    others.map(({ way }) => way),
    ['jwt']
  )
})

t.test('a channel has subscribers while it has listeners', async (t) => {
  t.equal(authEvents.login.hasSubscribers, false)
  const stop = listen(authEvents.login, new Publisher(), () => undefined)
  t.equal(authEvents.login.hasSubscribers, true)
  stop()
  t.equal(authEvents.login.hasSubscribers, false)
})

t.test(
  'an error of a listener is reported as a fault, and to the code that added it',
  async (t) => {
    const publisher = new Publisher()
    const reported: unknown[] = []
    const onFault = ({ error }: { error: unknown }): void => void reported.push(error)
    faults.subscribe(onFault)
    t.teardown(() => faults.unsubscribe(onFault))
    const error = new Error('on purpose')
    const fail = (): never => {
      throw error
    }
    t.teardown(listen(authEvents.logout, publisher, fail, (thrown) => reported.push(thrown)))
    authEvents.logout.publish({ ...failure, publisher })
    t.strictSame(reported, [error, error])
  }
)

t.test('an event can be written as JSON and cloned', async (t) => {
  const event = { ...failure, publisher: publisherOf(Fastify()) }
  t.strictSame(JSON.parse(JSON.stringify(event)), { ...failure, publisher: {} })
  t.match(structuredClone(event), failure)
})

/** Compiled, and never called: what the types have to refuse. */
export function refusedByTypes(publisher: Publisher): void {
  // @ts-expect-error: no event has a field of that name
  listen(authEvents.failure, publisher, ({ hostname }) => hostname)
  // @ts-expect-error: the listener is written for another type of event
  listen(authEvents.failure, publisher, (event: WafEvent) => event)
  // @ts-expect-error: nor can a type of the listener's own replace that of the channel
  listen(wafEvents.verdict, publisher, ({ rule }: { rule: number }) => rule)
  // @ts-expect-error: a field is missing
  wafEvents.examined.publish({ publisher, host: 'a.example' })
  // @ts-expect-error: a field was renamed
  wafEvents.examined.publish({ publisher, host: 'a.example', us: 1, ms: 1 })
  // @ts-expect-error: an event without publisher would be heard by nobody
  authEvents.login.publish(failure)
  // @ts-expect-error: only a publisher is one
  authEvents.login.publish({ ...failure, publisher: {} })
  // @ts-expect-error: a channel has the events of one type
  authEvents.login satisfies EventChannel<WafEvent>
}
