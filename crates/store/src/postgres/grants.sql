-- What the application may do. It runs as perennial_application, which owns nothing: rows of the ledger can be
-- added and read, and only rows that carry a state can be changed. Run after every migration, under its lock.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'perennial_application') THEN
        CREATE ROLE perennial_application NOLOGIN;
    END IF;
EXCEPTION
    -- Another database of the same server created it at the same moment.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'perennial_application', 'MEMBER') THEN
        EXECUTE format('GRANT perennial_application TO %I', current_user);
    END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO perennial_application;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM perennial_application;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO perennial_application;
REVOKE INSERT ON refinery_schema_history FROM perennial_application;

-- States move with their entries.
GRANT UPDATE ON account, lot, returned, budget, member, hold, redemption, stock TO perennial_application;
-- A voucher, its uses and its batch carry a state.
GRANT UPDATE ON voucher, voucher_use, voucher_batch, voucher_issue, statement_run TO perennial_application;
-- An audience is replaced whole; its members keep their numbers and its versions stay on record.
GRANT UPDATE ON audience TO perennial_application;
-- The clock of a sandbox moves on; that it never goes back is in the one statement that moves it.
GRANT UPDATE ON sandbox TO perennial_application;
-- A parked return leaves when it is applied.
GRANT DELETE ON parked_return TO perennial_application;

-- Access and work in progress are no ledger.
GRANT UPDATE ON api_key, console_user, session, setup_token, approval, import_run, member_code, member_session
    TO perennial_application;
GRANT DELETE ON session, setup_token, member_code, member_session TO perennial_application;
-- Pairs of members who may be one person carry what was decided about them, and leave when they are none any more.
GRANT UPDATE ON duplicate_run, duplicate_pair TO perennial_application;
GRANT DELETE ON duplicate_pair TO perennial_application;
