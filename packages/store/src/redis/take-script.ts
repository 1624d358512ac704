/** Sets `now`, in epoch milliseconds, by the Redis server's clock, which all servers of a fleet share. */
const CLOCK = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`

/**
 * Takes one use from each budget in KEYS, by the Redis server's clock. ARGV holds for each: algorithm, limit, period,
 * burst. Returns for each: allowed (1 or 0), remaining, reset and retryAfter. The arithmetic and the stored text are
 * those of `rate/` in `@reliw/model`.
 */
export const TAKE_SCRIPT = scriptAt(CLOCK)

/**
 * The script with another clock: Lua code that sets `now`. Lua numbers are doubles, as in JavaScript; Redis truncates
 * replies to integers.
 */
export function scriptAt(clock: string): string {
  return `${clock}
local function take(key, algorithm, limit, period, burst)
if limit <= 0 then return {0, 0, period, period} end
local text = redis.pcall('GET', key)
if type(text) == 'table' then return text end

local function whole(digits)
  return digits and #digits <= 15 and tonumber(digits)
end

local function keep(ttl, form, ...)
  redis.call('SET', key, string.format(form, ...), 'PX', string.format('%.0f', ttl))
end

if algorithm == 'fixed' then
  local count = whole(text and text:match('^%d+$'))
  local left = count and redis.call('PTTL', key) or 0
  if left <= 0 then
    keep(period, '1')
    return {1, limit - 1, period, 0}
  end
  if left > period then
    left = period
    redis.call('PEXPIRE', key, string.format('%.0f', period))
  end
  if count >= limit then return {0, 0, left, left} end
  redis.call('SET', key, string.format('%.0f', count + 1), 'KEEPTTL')
  return {1, limit - count - 1, left, 0}
end

if algorithm == 'sliding' then
  local function opens_at(before, room)
    return math.max(period - math.ceil(room * period / before), 0)
  end
  local elapsed = now % period
  local start = now - elapsed
  local at, count, before
  if text then at, count, before = text:match('^(%d+) (%d+) (%d+)$') end
  at, count, before = whole(at), whole(count), whole(before)
  if not (at and count and before) then
    count, before = 0, 0
  elseif at == start - period then
    count, before = 0, count
  elseif at ~= start then
    count, before = 0, 0
  end
  local free = limit - count - math.floor(before * (period - 1 - elapsed) / period)
  local allowed = free >= 1
  if allowed then
    count, free = count + 1, free - 1
    keep(start + 2 * period - now, '%.0f %.0f %.0f', start, count, before)
  else
    free = 0
  end
  local room = limit - count - free
  local reset
  if room > 0 then
    reset = opens_at(before, room) - elapsed
  else
    reset = period - elapsed + opens_at(count, limit - free)
  end
  if allowed then return {1, free, reset, 0} end
  return {0, 0, reset, reset}
end

local function arrive_in(ahead)
  local ms = math.floor(ahead / limit)
  keep(math.ceil(ahead / limit), '%.0f %.0f', now + ms, ahead - ms * limit)
end
local at, rest
if text then at, rest = text:match('^(%d+) (%d+)$') end
at, rest = whole(at), whole(rest)
if not (at and rest) then at, rest = 0, 0 end
local most = math.max(burst, 1) * period
local stored = (at - now) * limit + math.min(rest, limit)
local ahead = math.min(math.max(stored, 0), most)
local after = ahead + period
if after > most then
  if stored > most then arrive_in(most) end
  local wait = math.ceil((after - most) / limit)
  return {0, 0, wait, wait}
end
arrive_in(after)
local remaining = math.floor((most - after) / period)
return {1, remaining, math.ceil((after - most + (remaining + 1) * period) / limit), 0}
end

local replies = {}
for at, key in ipairs(KEYS) do
  local algorithm, limit, period, burst = unpack(ARGV, 4 * at - 3, 4 * at)
  replies[at] = take(key, algorithm, tonumber(limit), tonumber(period), tonumber(burst))
end
return replies
`
}
