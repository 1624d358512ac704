-- An argument is how many bytes every request sends, by POST. {n} in the path is a number that no request shares
-- with another, not with one of an earlier run either; it has 16 digits.
function init(args)
  local upload = tonumber(args[1])
  if upload then
    wrk.method = 'POST'
    wrk.body = string.rep('x', upload)
  end
  local head, tail = wrk.format():match('^(.-){n}(.*)$')
  if head then
    local number = os.time() * 1e6
    function request()
      number = number + 1
      return string.format('%s%.0f%s', head, number, tail)
    end
  end
end

-- Prints the summary as one line of JSON: exact numbers, where wrk's own output is rounded.
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"bytes":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"socket":%d}',
    summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
