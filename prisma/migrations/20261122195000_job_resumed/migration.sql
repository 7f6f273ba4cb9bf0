-- A stuck job that is retried goes on under its own id: without these its history would not say who had wanted that.
-- Events would, and go after a week.
-- AlterTable
ALTER TABLE "job" ADD COLUMN     "resumed_at" TIMESTAMPTZ(3),
ADD COLUMN     "resumed_by" TEXT;
