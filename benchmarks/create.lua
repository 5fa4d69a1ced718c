-- A new phone number for each request: a number reserved for fiction, made longer than any that could be dialled.
local base = os.getenv("BENCH_PATH")
local number = tonumber(os.getenv("BENCH_FIRST_NUMBER"))

function request()
  number = number + 1
  local phone = string.format("4670174%08d", number)
  return wrk.format("POST", base .. "?phone=" .. phone .. "&message=Invoice+123")
end
