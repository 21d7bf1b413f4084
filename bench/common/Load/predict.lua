-- Posts a prediction: 1 KiB of JSON by default. At the end of the run it prints one line for the benchmark, with latencies in µs.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local head, tail = '{"instances":[0', ']}'
wrk.body = head .. string.rep(",1", math.floor((1024 - #head - #tail) / 2))
wrk.body = wrk.body .. string.rep(" ", 1024 - #wrk.body - #tail) .. tail

-- Reads the body from a file if its path is given after "--".
function init(args)
  if args[1] then
    local file = assert(io.open(args[1], "rb"))
    wrk.body = file:read("*a")
    file:close()
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"statusErrors":%d,"socketErrors":%d,"timeouts":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write, e.timeout))
end
