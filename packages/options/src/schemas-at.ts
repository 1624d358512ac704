import * as z from 'zod'

type Schema = z.core.$ZodType

/** The schemas that an input may have to match at a path, without wrappers and unions. */
export function schemasAt(schema: Schema, path: readonly PropertyKey[]): Schema[] {
  return fieldsAt(schema, path).flatMap(expand)
}

/** As {@link schemasAt}, but with the wrappers: a field is as its object declares it, with default and transform. */
export function fieldsAt(schema: Schema, path: readonly PropertyKey[]): Schema[] {
  let fields = [schema]
  for (const step of path)
    fields = fields.flatMap(expand).flatMap((parent) => descend(parent, step))
  return fields
}

/** The schemas that an input may have to match: the schema itself, or those inside its wrappers and alternatives. */
function expand(schema: Schema): Schema[] {
  if (isWrapper(schema)) return expand(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return [...expand(schema.in), ...expand(schema.out)]
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(expand)
  if (schema instanceof z.ZodIntersection) {
    return [...expand(schema.def.left), ...expand(schema.def.right)]
  }
  return schema instanceof z.ZodLazy ? expand(schema.unwrap()) : [schema]
}

function isWrapper(schema: Schema) {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodCatch ||
    schema instanceof z.ZodReadonly
  )
}

function descend(schema: Schema, step: PropertyKey): Schema[] {
  if (schema instanceof z.ZodArray) return [schema.element]
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  const child = childOf(schema, step)
  return child ? [child] : []
}

function childOf(schema: Schema, step: PropertyKey): Schema | null | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)]
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(step)] ?? schema.def.rest
  return undefined
}
