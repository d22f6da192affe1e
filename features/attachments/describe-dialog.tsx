'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { DialogActions } from '@/ui/dialog-actions'
import { Name } from '@/ui/name'
import { TextArea } from '@/ui/text-area'
import { MAX_ALT_LENGTH } from './schema'
import type { Waiting } from './tray'

export type DescribeDialogProps = {
  waiting: Waiting
  /** Rejects with an AppError. */
  onSave(alt: string): Promise<void>
  onClose(): void
}

/** Says in words what a picture shows, before it is sent. */
export default function DescribeDialog({ waiting, onSave, onClose }: DescribeDialogProps) {
  const t = useTranslations('attachments')
  const ui = useTranslations('ui')
  const errorText = useErrorText()
  const { attachment, preview } = waiting
  const { form, field, busy } = useForm({
    initial: { alt: attachment.alt ?? '' },
    async submit({ alt }) {
      await onSave(alt.trim())
      onClose()
    },
    explain: (error) => ({ alt: errorText(error) }),
  })
  return (
    <Dialog title={<Name>{t('describe', { name: attachment.name })}</Name>} size="sm" onClose={onClose}>
      <form {...form} className="grid gap-3">
        {preview && (
          // biome-ignore lint/performance/noImgElement: it is a blob of this page
          <img src={preview} alt="" className="mx-auto max-h-60 rounded-image object-contain" />
        )}
        <TextArea
          {...field('alt')}
          label={t('alt')}
          help={t('altHelp')}
          maxLength={MAX_ALT_LENGTH}
          dir="auto"
        />
        <DialogActions>
          <Button variant="quiet" onClick={onClose}>
            {ui('cancel')}
          </Button>
          <Button type="submit" variant="primary" busy={busy}>
            {t('saveAlt')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
