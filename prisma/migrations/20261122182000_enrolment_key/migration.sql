-- AlterTable
ALTER TABLE "enrolment_token" ADD COLUMN "used_by_key_sha256" TEXT;
