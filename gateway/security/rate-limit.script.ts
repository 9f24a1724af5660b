/**
 * Takes of all keys at once, or of none. The clock is Redis's own, so gateways whose clocks differ agree.
 * A key is a hash: `t1` is the total of quota 1, `o1` its oldest slice in use, `1:1234` what was used in slice 1234; it
 * expires with its last use. KEYS are those to take of; ARGV is the width of a slice in milliseconds, the slices of a
 * window, the number of quotas, and for each key its amounts and then its limits. Answers, for each quota of each key, the
 * total, the milliseconds until it resets, and 1 where it is exceeded.
 */
export const TAKE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local width, slices, quotas = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local slice = math.floor(now / width)
local first = slice - slices

local fields = {}
for quota = 1, quotas do
  fields[2 * quota - 1] = 't' .. quota
  fields[2 * quota] = 'o' .. quota
end

-- Forgets what the window has left behind: the total and the oldest slice after that.
local function forget(key, quota, total, oldest)
  while total > 0 and oldest <= slice do
    local field = quota .. ':' .. oldest
    local used = redis.call('HGET', key, field)
    if used then
      if oldest >= first then return total, oldest end
      redis.call('HDEL', key, field)
      total = total - used
    end
    oldest = oldest + 1
  end
  return 0, slice
end

local function untilForgotten(used) return math.max(1, math.ceil((used + slices + 1) * width - now)) end

local function untilFits(key, quota, oldest, excess)
  for used = oldest, slice do
    excess = excess - (redis.call('HGET', key, quota .. ':' .. used) or 0)
    if excess <= 0 then return untilForgotten(used) end
  end
  return math.ceil(slices * width)
end

local answer, states, isRefused = {}, {}, false
for k, key in ipairs(KEYS) do
  local stored = redis.call('HMGET', key, unpack(fields))
  local state, isChanged = {}, false
  for quota = 1, quotas do
    local total, oldest = tonumber(stored[2 * quota - 1] or 0), tonumber(stored[2 * quota] or slice)
    if total == 0 then oldest = slice
    elseif oldest < first then
      total, oldest = forget(key, quota, total, oldest)
      isChanged = true
    end
    local at = 3 + (k - 1) * 2 * quotas + quota
    local excess = total + ARGV[at] - ARGV[at + quotas]
    local reset = 0
    if excess > 0 then
      reset = untilFits(key, quota, oldest, excess)
      isRefused = true
    elseif total + ARGV[at] > 0 then reset = untilForgotten(oldest) end
    state[4 * quota - 3], state[4 * quota - 2] = 't' .. quota, total
    state[4 * quota - 1], state[4 * quota] = 'o' .. quota, oldest
    local cell = #answer
    answer[cell + 1], answer[cell + 2], answer[cell + 3] = total, reset, excess > 0 and 1 or 0
  end
  if isChanged then redis.call('HSET', key, unpack(state)) end
  states[k] = state
end
if isRefused then return answer end

for k, key in ipairs(KEYS) do
  local state = states[k]
  for quota = 1, quotas do
    local amount = tonumber(ARGV[3 + (k - 1) * 2 * quotas + quota])
    if amount > 0 then
      redis.call('HINCRBY', key, quota .. ':' .. slice, amount)
      state[4 * quota - 2] = state[4 * quota - 2] + amount
      answer[((k - 1) * quotas + quota) * 3 - 2] = state[4 * quota - 2]
    end
  end
  redis.call('HSET', key, unpack(state))
  redis.call('PEXPIRE', key, math.ceil((slices + 1) * width))
end
return answer
`;
