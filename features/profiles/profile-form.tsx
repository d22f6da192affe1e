'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { isBlank, lengthOf } from '@/lib/text'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { Select } from '@/ui/select'
import { TextField } from '@/ui/text-field'
import { updateProfile } from './mutations'
import type { Person } from './schema'

type Props = { me: Person; onSaved(me: Person): void }

const NAME_MAX = 80
const fieldOf: Record<string, 'name' | 'handle' | 'zone'> = {
  name_blank: 'name',
  name_too_long: 'name',
  handle_taken: 'handle',
  handle_invalid: 'handle',
  time_zone_invalid: 'zone',
}

const zones = (own: string) => {
  const known = Intl.supportedValuesOf('timeZone')
  return known.includes(own) ? known : [own, ...known]
}

export function ProfileForm({ me, onSaved }: Props) {
  const t = useTranslations('profiles')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const { form, field, setValue, values, problems, busy, finish } = useForm({
    initial: { name: me.display_name, handle: me.handle, zone: me.time_zone },
    check({ name, handle }) {
      const long = lengthOf(name.trim()) > NAME_MAX
      return {
        name: isBlank(name) ? problem('name_blank') : long ? problem('name_too_long') : undefined,
        handle: /^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$/.test(handle) ? undefined : problem('handle_invalid'),
      }
    },
    async submit({ name, handle, zone }) {
      const change = { display_name: name.trim(), handle, time_zone: zone }
      onSaved(await updateProfile(await getSupabase(), me.id, change))
      finish()
    },
    explain: (error) => ({ [fieldOf[toAppError(error).code] ?? 'form']: errorText(error) }),
  })
  const handle = field('handle')
  return (
    <form {...form} className="grid max-w-[28rem] gap-3">
      <TextField {...field('name')} label={t('name')} help={t('nameHelp')} autoComplete="name" dir="auto" />
      <TextField
        {...handle}
        label={t('handle')}
        help={t('handleHelp')}
        prefix="@"
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        onChange={(value) => handle.onChange(value.toLowerCase().replace(/^@/, ''))}
      />
      <Select
        label={t('timeZone')}
        help={t('timeZoneHelp')}
        error={problems.zone}
        value={values.zone}
        onChange={(value) => setValue('zone', value)}
        options={zones(me.time_zone).map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
      />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <div>
        <Button type="submit" variant="primary" busy={busy}>
          {t('save')}
        </Button>
      </div>
    </form>
  )
}
