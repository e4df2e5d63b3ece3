-- The health of an InferenceModel, for Argo CD. A model asleep is healthy: the next request wakes it.
local status = obj.status or {}
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "the operator has yet to see this change" }
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local function holds(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

if holds("Stalled") then
  return { status = "Degraded", message = conditions.Stalled.message }
end
if holds("Ready") then
  local asleep = status.state == "Asleep"
  return { status = "Healthy", message = asleep and "asleep: the next request wakes it" or conditions.Ready.message }
end
local progress = conditions.Reconciling or conditions.Ready or {}
return { status = "Progressing", message = progress.message or "the operator has yet to tell" }
