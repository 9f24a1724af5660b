import { Migration } from '@mikro-orm/migrations';

/** An address that bounced may work again; one that an operator has ruled out waits for the operator. */
export class Users0007 extends Migration {
  override up(): void {
    this.addSql('alter table mail_suppression add column retry_at timestamptz');
    this.addSql(`update mail_suppression set retry_at = now() where reason ~ '^bounced [0-9]{3}$'`);
  }

  override down(): void {
    this.addSql('alter table mail_suppression drop column retry_at');
  }
}
