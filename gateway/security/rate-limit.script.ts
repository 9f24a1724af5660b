/**
 * Takes for several requests, each of all its keys or of none. The clock is Redis's own, so gateways whose clocks differ
 * agree. A key is a hash: `t1` is the total of quota 1, `o1` a slice that no use is older than, `1:1234` what was used in
 * slice 1234; it expires with its last use.
 *
 * What is leased is counted in the slice in which the lease ends: however late in it a use is, it counts for a whole window.
 * A lease is given whole or not at all, and only while the quota has room for `EASE` of them: the last of a quota is for
 * whoever asks first. What a gateway gives back of an earlier lease is taken out of the slice where that was counted.
 *
 * KEYS are those of the first request, then of the second, …; ARGV is the width of a slice and the length of a lease in
 * milliseconds, the slices of a window, the quotas of a key, the keys of a request, then for each key its amounts, its
 * limits, and 0 or, where it asks for a lease, 1, the amounts to lease, those to give back, and the slice of these.
 * Answers for each key the total, the milliseconds until it resets, and 1 where it is exceeded, of each quota; then the
 * slice in which its lease is counted, 0 where it has none.
 */
export const TAKE_SCRIPT = `
local EASE = 8
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local width, lease, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local quotas, together = tonumber(ARGV[4]), tonumber(ARGV[5])
local slice, ahead = math.floor(now / width), math.floor((now + lease) / width)
local first, latest = slice - slices, slice + 1

local fields = {}
for quota = 1, quotas do
  fields[2 * quota - 1] = 't' .. quota
  fields[2 * quota] = 'o' .. quota
end

-- Forgets what the window has left behind: the total and the oldest slice after that.
local function forget(key, quota, total, oldest)
  while total > 0 and oldest <= latest do
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

-- What is forgotten already, or was lost with a Redis, is not given back.
local function giveBack(key, quota, amount, from)
  local field = quota .. ':' .. from
  local used = tonumber(redis.call('HGET', key, field) or 0)
  if amount == 0 or used < amount then return 0 end
  if used == amount then redis.call('HDEL', key, field)
  else redis.call('HINCRBY', key, field, -amount) end
  return amount
end

local function untilForgotten(used) return math.max(1, math.ceil((used + slices + 1) * width - now)) end

local function untilFits(key, quota, oldest, excess)
  for used = oldest, latest do
    excess = excess - (redis.call('HGET', key, quota .. ':' .. used) or 0)
    if excess <= 0 then return untilForgotten(used) end
  end
  return math.ceil(slices * width)
end

local at = 5
local function numbers(count)
  local read = {}
  for n = 1, count do read[n] = tonumber(ARGV[at + n]) end
  at = at + count
  return read
end

-- How a key stands before it is taken of.
local function stand(key)
  local amounts, limits, isLeasing = numbers(quotas), numbers(quotas), numbers(1)[1] == 1
  local wishes, back, from
  if isLeasing then wishes, back, from = numbers(quotas), numbers(quotas), numbers(1)[1] end
  local stored = redis.call('HMGET', key, unpack(fields))
  local take = { key = key, amounts = amounts, wishes = wishes, state = {}, told = {}, fits = true }
  for quota = 1, quotas do
    local total, oldest = tonumber(stored[2 * quota - 1] or 0), tonumber(stored[2 * quota] or slice)
    if total > 0 and oldest < first then
      total, oldest = forget(key, quota, total, oldest)
      take.changed = true
    end
    local given = isLeasing and giveBack(key, quota, back[quota], from) or 0
    if given > 0 then
      total = total - given
      take.changed = true
    end
    if total == 0 then oldest = slice end
    local amount, limit, reset = amounts[quota], limits[quota], 0
    local excess = total + amount - limit
    if excess > 0 then
      reset = untilFits(key, quota, oldest, excess)
      take.fits = false
    elseif total + amount > 0 then reset = untilForgotten(oldest) end
    if isLeasing and total + amount + EASE * wishes[quota] > limit then take.wishes = nil end
    local cell = 4 * quota
    take.state[cell - 3], take.state[cell - 2] = fields[2 * quota - 1], total
    take.state[cell - 1], take.state[cell] = fields[2 * quota], oldest
    cell = 3 * quota
    take.told[cell - 2], take.told[cell - 1], take.told[cell] = total, reset, excess > 0 and 1 or 0
  end
  return take
end

local function count(take, amounts, slot)
  for quota = 1, quotas do
    local amount, cell = amounts[quota], 4 * quota - 2
    if amount > 0 then
      redis.call('HINCRBY', take.key, quota .. ':' .. slot, amount)
      take.state[cell] = take.state[cell] + amount
      take.told[3 * quota - 2] = take.state[cell]
    end
  end
end

local answer = {}
for start = 1, #KEYS, together do
  local takes, fits = {}, true
  for k = start, start + together - 1 do
    local take = stand(KEYS[k])
    takes[#takes + 1] = take
    fits = fits and take.fits
  end
  for _, take in ipairs(takes) do
    local slot = 0
    if fits then
      count(take, take.amounts, slice)
      if take.wishes then
        count(take, take.wishes, ahead)
        slot = ahead
      end
    end
    if fits or take.changed then redis.call('HSET', take.key, unpack(take.state)) end
    if fits then redis.call('PEXPIRE', take.key, math.ceil((slices + 1) * width + lease)) end
    for _, value in ipairs(take.told) do answer[#answer + 1] = value end
    answer[#answer + 1] = slot
  end
end
return answer
`;
