/**
 * Objects of which some properties may have no value. Sections are kept as JSON, and compared, so a
 * property without a value is not there at all.
 *
 * Property by property: spreading parts that may be empty, or going by way of entries, costs several
 * times as much, and sections are made anew for every lead.
 */

/** The same without the properties that have no value. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return copyDefined(fields, {}) as never
}

/** Sets on `to` what has a value in `from`, but for the names that are excepted. Gives `to`. */
export function copyDefined<T extends object>(
  from: object,
  to: T,
  except?: ReadonlySet<string>,
): T {
  const source = from as Record<string, unknown>
  const target = to as Record<string, unknown>
  for (const name in source)
    if (source[name] !== undefined && !except?.has(name)) target[name] = source[name]
  return to
}
