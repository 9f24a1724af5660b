import { defineJob } from 'kit/jobs';
import { forgetOldMails, resumeMails } from './mail.sweep.ts';
import { sendMail } from './mail.delivery.ts';

/** Only the key travels in the job: what the mail says and to whom is in its row, and leaves with it. */
export const mailSend = defineJob<{ effectKey: string }>('mail.send', (ctx, { effectKey }) => sendMail(ctx, effectKey));

/** Mails whose server was away, or whose job died with its process. */
export const mailSweep = defineJob(
  'mail.sweep',
  async (ctx) => {
    await forgetOldMails(ctx);
    await resumeMails(ctx, (tx, effectKey) => tx.enqueue(mailSend, { effectKey }, { singletonKey: effectKey }));
  },
  { cron: '* * * * *' },
);
