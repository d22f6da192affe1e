'use client'

import { clsx } from 'clsx'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { Select } from '@/ui/select'
import { TextField } from '@/ui/text-field'
import { EXPIRIES, type Expiry, expiresAt } from './expiry'
import { updateProfile } from './mutations'
import { currentStatus, type Person } from './schema'

type Props = { me: Person; onSaved(me: Person): void }

const PRESETS = [
  { key: 'meeting', emoji: '🗓️', expiry: 'hour' },
  { key: 'focus', emoji: '🎧', expiry: 'four_hours' },
  { key: 'lunch', emoji: '🍲', expiry: 'hour' },
  { key: 'ill', emoji: '🤒', expiry: 'today' },
  { key: 'holiday', emoji: '🌴', expiry: 'week' },
] as const
const EMOJI = ['💬', '🗓️', '🎧', '🍲', '🚌', '🏠', '🤒', '🌴', '☕']

export function StatusForm({ me, onSaved }: Props) {
  const t = useTranslations('profiles')
  const errorText = useErrorText()
  const status = currentStatus(me, Date.now())
  const [emoji, setEmoji] = useState(status?.emoji ?? '💬')
  const [expiry, setExpiry] = useState<Expiry>('today')
  const save = async (text: string | null) =>
    onSaved(
      await updateProfile(await getSupabase(), me.id, {
        status_text: text,
        status_emoji: text === null ? null : emoji,
        status_expires_at: text === null ? null : (expiresAt(expiry, new Date())?.toISOString() ?? null),
      }),
    )
  const { form, field, setValue, values, problems, busy } = useForm({
    initial: { text: status?.text ?? '' },
    check: ({ text }) => ({ text: text.trim() ? undefined : t('statusBlank') }),
    submit: ({ text }) => save(text.trim()),
    explain: (error) => ({ form: errorText(error) }),
  })
  return (
    <form {...form} className="grid gap-3">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="mb-1.5 font-medium text-sm">{t('statusEmoji')}</legend>
        {EMOJI.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-label={choice}
            aria-pressed={choice === emoji}
            onClick={() => setEmoji(choice)}
            className={clsx(
              'grid size-9 place-items-center rounded-control text-lg',
              choice === emoji ? 'bg-accent-fill outline-2 outline-accent' : 'hover:bg-hover',
            )}
          >
            {choice}
          </button>
        ))}
      </fieldset>
      <TextField
        {...field('text')}
        label={t('statusText')}
        placeholder={t('statusPlaceholder')}
        maxLength={100}
        autoFocus
        dir="auto"
      />
      {!values.text && (
        <ul className="-mx-2 -mt-4">
          {PRESETS.map((preset) => (
            <li key={preset.key}>
              <button
                type="button"
                className="flex h-9 w-full items-center gap-2.5 rounded-control px-2 text-start hover:bg-hover pointer-coarse:h-11"
                onClick={() => {
                  setEmoji(preset.emoji)
                  setExpiry(preset.expiry)
                  setValue('text', t(`preset.${preset.key}`))
                }}
              >
                <span aria-hidden>{preset.emoji}</span>
                <span className="flex-1">{t(`preset.${preset.key}`)}</span>
                <span className="text-quiet text-sm">{t(`expiry.${preset.expiry}`)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Select
        label={t('statusExpiry')}
        value={expiry}
        onChange={setExpiry}
        options={EXPIRIES.map((value) => ({ value, label: t(`expiry.${value}`) }))}
      />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <DialogActions>
        {status && (
          <Button onClick={() => save(null).catch(() => setValue('text', values.text))}>
            {t('clearStatus')}
          </Button>
        )}
        <Button type="submit" variant="primary" busy={busy}>
          {t('saveStatus')}
        </Button>
      </DialogActions>
    </form>
  )
}
