import { inject, test } from 'vitest'

/** The product that the global set-up started. */
export const product = inject('product')

/** Whether it tells its clients that mails are sent, as a Supabase project always does. */
export const sendsMail = product.form === 'supabase'

/** For files that cut the one line between browser and product: it is one only where site and backend are one origin. */
export const testOnOneOrigin = test.skipIf(product.form === 'supabase')
