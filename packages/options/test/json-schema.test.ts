import t from 'tap'
import * as z from 'zod'
import { ByteSize, Cidr, Duration, Host, ListenPort, Port, toJsonSchema } from '../src/index.ts'

t.test('the schema of a duration or size takes a number and a string', async (t) => {
  for (const type of [Duration, ByteSize]) {
    t.match(toJsonSchema(type), {
      description: String,
      anyOf: [{ minimum: 0 }, { type: 'string', pattern: String }]
    })
  }
  t.match(toJsonSchema(Duration), { anyOf: [{ type: 'number' }] })
  t.match(toJsonSchema(ByteSize), { anyOf: [{ type: 'integer' }] })
})

t.test('the schema of a port is a range', async (t) => {
  t.match(toJsonSchema(Port), { type: 'integer', minimum: 1, maximum: 65_535 })
  t.match(toJsonSchema(ListenPort), { type: 'integer', minimum: 0, maximum: 65_535 })
})

t.test('the schema of a host or block is a described string', async (t) => {
  for (const type of [Host, Cidr]) {
    t.match(toJsonSchema(type), { type: 'string', description: String })
  }
})

t.test('options keep their own description, and a default makes them optional', async (t) => {
  const schema = z.strictObject({
    hosts: z.record(Host, z.string()).prefault({}).describe('Where hosts live.'),
    timeout: Duration.prefault('30s').describe('How long to wait.'),
    size: ByteSize
  })
  t.match(toJsonSchema(schema), {
    additionalProperties: false,
    required: ['size'],
    properties: {
      hosts: { type: 'object', default: {}, description: 'Where hosts live.' },
      timeout: { default: '30s', description: 'How long to wait.' },
      size: { description: /bytes/ }
    }
  })
})
