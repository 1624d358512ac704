/**
 * A function that makes one value per object, when it is first asked for, and returns that value for as long as the
 * object exists. Meant for what is compiled from a value of the store, which is the same object until its bytes change:
 * what was compiled is as current as the object, and is released with it. If `make` throws, nothing is remembered: the
 * next call makes the value again.
 *
 * @param make must depend on the object only. `context`, if there is one, is that of the call which makes the value, and
 *   must be the same at every call for an object
 */
export function weakMemoize<K extends object, V extends object | string | number, C = void>(
  make: (key: K, context: C) => V
): (key: K, context: C) => V {
  const made = new WeakMap<K, V>()
  return (key, context) => {
    let value = made.get(key)
    if (value === undefined) made.set(key, (value = make(key, context)))
    return value
  }
}
