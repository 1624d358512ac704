import t from 'tap'
import { ListenPort, Port } from '../src/index.ts'

t.test('a port is a whole number from 1 to 65535', async (t) => {
  t.equal(Port.parse(1), 1)
  t.equal(Port.parse(65_535), 65_535)
  for (const input of [0, -1, 65_536, 80.5, '80', null]) {
    t.notOk(Port.safeParse(input).success, String(input))
  }
})

t.test('a listener may also use any free port', async (t) => {
  t.equal(ListenPort.parse(0), 0)
  t.equal(ListenPort.parse(65_535), 65_535)
  for (const input of [-1, 65_536, 80.5, '80']) {
    t.notOk(ListenPort.safeParse(input).success, String(input))
  }
})
