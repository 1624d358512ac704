import { AddressSet, Cidr } from '@reliw/options'
import * as z from 'zod'

/** IP addresses and CIDR blocks: a list, or a text separated by commas or spaces. */
export const Addresses = z
  .union([z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)), z.unknown()])
  .pipe(z.array(Cidr))
  .transform((blocks) => new AddressSet(blocks))
