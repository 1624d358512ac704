import { totalmem } from 'node:os'
import t from 'tap'
import { memoryLimit, memoryLimitFiles, parseMemoryLimit } from '../src/memory-limit.ts'

/** Of a machine without limits. */
const MACHINE = 8_192_000

t.test('every control group from its own to the root may limit a process', async (t) => {
  t.strictSame(memoryLimitFiles('0::/\n'), ['/sys/fs/cgroup/memory.max'])
  t.strictSame(memoryLimitFiles('0::/system.slice/a:b.service\n'), [
    '/sys/fs/cgroup/system.slice/a:b.service/memory.max',
    '/sys/fs/cgroup/system.slice/memory.max',
    '/sys/fs/cgroup/memory.max'
  ])
})

t.test('of version 1 only the groups of memory count', async (t) => {
  const text = '9:name=systemd:/x\n4:cpu,memory:/docker/ab\n3:cpuset:/y\n1:memory_x:/z\n'
  t.strictSame(memoryLimitFiles(text), [
    '/sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes',
    '/sys/fs/cgroup/memory/docker/memory.limit_in_bytes',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes'
  ])
})

t.test('a group that cannot be seen does not lead out of the mount', async (t) => {
  t.strictSame(memoryLimitFiles('0::/../../etc\n'), [
    '/sys/fs/cgroup/etc/memory.max',
    '/sys/fs/cgroup/memory.max'
  ])
  t.strictSame(memoryLimitFiles('nonsense\n0::relative\n'), [])
})

t.test('a limit is a number or none', async (t) => {
  t.equal(parseMemoryLimit('536870912\n'), 536_870_912)
  for (const text of ['max\n', '', '-1\n', '1e9', '12 34']) {
    t.equal(parseMemoryLimit(text), undefined, text)
  }
})

t.test('the least limit of nested groups holds', async (t) => {
  const group = { 'memory.max': '4096000\n', b: { 'memory.max': 'max\n' } }
  const root = t.testdir({
    proc: { self: { cgroup: '0::/a/b\n' } },
    sys: { fs: { cgroup: { 'memory.max': '5000000\n', a: group } } }
  })
  t.equal(memoryLimit(root, MACHINE), 4_096_000)
})

t.test('a container sees its group as the root', async (t) => {
  const root = t.testdir({
    proc: { self: { cgroup: '12:memory:/docker/ab\n0::/docker/ab\n' } },
    sys: { fs: { cgroup: { memory: { 'memory.limit_in_bytes': '1000000\n' } } } }
  })
  t.equal(memoryLimit(root, MACHINE), 1_000_000)
})

t.test('no group limits more than the machine does', async (t) => {
  const root = t.testdir({
    proc: { self: { cgroup: '4:memory:/\n' } },
    sys: { fs: { cgroup: { memory: { 'memory.limit_in_bytes': '9223372036854771712\n' } } } }
  })
  t.equal(memoryLimit(root, MACHINE), MACHINE)
})

t.test('where there is no /proc the limit is the memory of the machine', async (t) => {
  t.equal(memoryLimit(t.testdir({})), totalmem())
})
