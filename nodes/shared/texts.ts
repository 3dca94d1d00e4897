/**
 * Settings as the editor saves them, with texts for numbers: of `${NAME}` Node-RED makes whatever the
 * variable is, and who writes 7 there means the same as who types it into the dialog.
 */
export function withTexts<Settings>(settings: Settings): Settings {
  return asText(settings) as Settings
}

function asText(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(asText)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asText(one)]))
}
