-- An argument is how many bytes every request sends, by POST.
function init(args)
  local upload = tonumber(args[1])
  if upload then
    wrk.method = 'POST'
    wrk.body = string.rep('x', upload)
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
