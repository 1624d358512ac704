-- Answers questions about patterns with the Lua that runs it. A line is a question, its fields
-- separated by tabs and its strings in hexadecimal; an empty line asks for the answers so far.

local function unhex(digits)
  return (digits:gsub('%x%x', function(byte) return string.char(tonumber(byte, 16)) end))
end

local function show(ok, ...)
  if not ok then return 'error' end
  local shown = {}
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    if type(value) == 'string' then
      value = 's' .. value:gsub('.', function(byte) return ('%02x'):format(byte:byte()) end)
    end
    shown[i] = tostring(value)
  end
  return table.concat(shown, ',')
end

local answer = {}

function answer.match(pattern, subject, init)
  init = tonumber(init)
  return show(pcall(string.find, subject, pattern, init))
    .. ' ' .. show(pcall(string.match, subject, pattern, init))
end

function answer.gsub(pattern, subject, replacement, limit)
  return show(pcall(string.gsub, subject, pattern, unhex(replacement), tonumber(limit)))
end

for line in io.lines() do
  local kind, pattern, subject, first, second = line:match('^(%a+)\t(%x*)\t(%x*)\t(%x*)\t(%-?%d*)$')
  if kind then
    print(answer[kind](unhex(pattern), unhex(subject), first, second))
  else
    io.stdout:flush()
  end
end
