-- Everything that could be kept by a server that forgets its bounds: new phones, messages, keys, ids and parameters.
local base = os.getenv("BENCH_PATH")
local number = tonumber(os.getenv("BENCH_FIRST_NUMBER"))

function request()
  number = number + 1
  local kind = number % 5
  if kind == 0 then
    local phone = string.format("4670174%08d", number)
    return wrk.format("POST", base .. "/payments/swish/action123?phone=" .. phone .. "&message=Invoice+" .. number)
  elseif kind == 1 then
    return wrk.format("GET", base .. "/payments/swish/none-" .. number)
  elseif kind == 2 then
    return wrk.format("GET", base .. "/fetch-invoice-pdf/1001/", {["x-api-key"] = "wrong-" .. number})
  elseif kind == 3 then
    return wrk.format("GET", base .. "/nowhere/" .. number .. "?a" .. number .. "=" .. number)
  end
  return wrk.format("POST", base .. "/payments/swish/action123?phone=46701740620&message=RF07")
end
