//! Keys, users, sessions, approvals and imports: what is stored is what is read, and each is used once where it must.

use store::{
    ApiKey, Approval, ApprovalState, Conflict, ConsoleUser, ImportReject, ImportRun, ImportState, KeyMode,
    MemberCode, MemberSession, Session, StoreError,
};

use crate::engines::{Store, on_both};
use crate::samples::{account, at};

fn ada() -> ConsoleUser {
    ConsoleUser {
        name: "ada".to_owned(),
        password_hash: "$argon2id$…".to_owned(),
        role: "manager".to_owned(),
        language: "zh-CN".to_owned(),
        created_at: at("2025-01-01T00:00:00Z"),
        disabled_at: None,
    }
}

/// Does something to the database.
fn run<T>(store: &Store, work: impl Future<Output = Result<T, StoreError>>) -> T {
    store.runtime.block_on(work).unwrap()
}

#[test]
fn keys_are_found_by_their_secret_and_stop_working_once() {
    on_both(|store| {
        let key = ApiKey {
            key_id: "key_1".to_owned(),
            prefix: "pk_live_ab".to_owned(),
            name: "Till".to_owned(),
            scopes: vec!["purchases:write".to_owned()],
            mode: KeyMode::Live,
            created_at: at("2025-01-01T00:00:00Z"),
            created_by: "ada".to_owned(),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        let database = &store.database;
        run(store, database.create_api_key(&key, &[1; 32]));
        assert_eq!(store.read(async |reader| reader.api_key(&[1; 32]).await), Some(key.clone()));
        assert_eq!(store.read(async |reader| reader.api_key(&[2; 32]).await), None);
        let used = at("2025-02-01T00:00:00Z");
        let ends = at("2025-03-01T00:00:00Z");
        run(store, database.touch_api_key("key_1", used));
        assert!(run(store, database.expire_api_key("key_1", ends)));
        assert!(run(store, database.revoke_api_key("key_1", ends)));
        assert!(!run(store, database.revoke_api_key("key_1", ends)), "it is revoked already");
        let expected =
            ApiKey { last_used_at: Some(used), expires_at: Some(ends), revoked_at: Some(ends), ..key };
        assert_eq!(store.read(async |reader| reader.api_keys().await), vec![expected]);
    });
}

#[test]
fn a_setup_link_makes_one_user() {
    on_both(|store| {
        let (made, ends) = (at("2025-01-01T00:00:00Z"), at("2025-01-02T00:00:00Z"));
        let database = &store.database;
        run(store, database.create_setup_token(&[3; 32], made, ends));
        let grace = ConsoleUser { name: "grace".to_owned(), ..ada() };
        assert!(!run(store, database.use_setup_token(&[4; 32], made, &ada())), "an unknown link");
        assert!(!run(store, database.use_setup_token(&[3; 32], ends, &ada())), "a link that is too old");
        assert!(run(store, database.use_setup_token(&[3; 32], made, &ada())));
        assert!(!run(store, database.use_setup_token(&[3; 32], made, &grace)), "a link that was used");
        assert_eq!(store.read(async |reader| reader.users().await), vec![ada()]);
    });
}

#[test]
fn a_link_for_a_password_is_used_once_and_ends_the_sessions() {
    on_both(|store| {
        let (made, ends) = (at("2025-01-01T00:00:00Z"), at("2025-01-02T00:00:00Z"));
        let database = &store.database;
        run(store, database.create_user(&ada()));
        let session = Session {
            token_hash: [1; 32],
            user_name: "ada".to_owned(),
            csrf: "c".to_owned(),
            created_at: made,
            last_seen_at: made,
            expires_at: ends,
        };
        assert!(run(store, database.create_session(&session, &ada().password_hash)));
        run(store, database.create_setup_token(&[3; 32], made, ends));
        for (link, now, name) in [([4; 32], made, "ada"), ([3; 32], ends, "ada")] {
            assert!(!run(store, database.use_password_token(&link, now, name, "new")), "{name} {now}");
        }
        assert_eq!(store.read(async |reader| reader.session(&[1; 32]).await), Some(session));
        assert!(run(store, database.use_password_token(&[3; 32], made, "ada", "new")));
        assert_eq!(store.read(async |reader| reader.session(&[1; 32]).await), None);
        let hash = |user: Option<ConsoleUser>| user.unwrap().password_hash;
        assert_eq!(hash(store.read(async |reader| reader.user("ada").await)), "new");
        assert!(!run(store, database.use_password_token(&[3; 32], made, "ada", "again")), "it was used");
        run(store, database.create_setup_token(&[5; 32], made, ends));
        run(store, database.update_user(&ConsoleUser { disabled_at: Some(made), ..ada() }));
        assert!(!run(store, database.use_password_token(&[5; 32], made, "ada", "new")), "a disabled user");
    });
}

#[test]
fn users_and_their_sessions_come_and_go() {
    on_both(|store| {
        let database = &store.database;
        run(store, database.create_user(&ada()));
        let again = store.runtime.block_on(database.create_user(&ada()));
        assert!(matches!(again, Err(StoreError::Conflict(Conflict::Taken))), "{again:?}");
        let session = |number: u8| Session {
            token_hash: [number; 32],
            user_name: "ada".to_owned(),
            csrf: "c".to_owned(),
            created_at: at("2025-01-01T00:00:00Z"),
            last_seen_at: at("2025-01-01T00:00:00Z"),
            expires_at: at(&format!("2025-01-0{number}T00:00:00Z")),
        };
        for number in 2..=5 {
            assert!(run(store, database.create_session(&session(number), &ada().password_hash)));
        }
        assert!(
            !run(store, database.create_session(&session(6), "another hash")),
            "the password changed meanwhile"
        );
        let seen = at("2025-01-01T08:00:00Z");
        run(store, database.touch_session(&[2; 32], seen));
        let found = store.read(async |reader| reader.session(&[2; 32]).await);
        assert_eq!(found, Some(Session { last_seen_at: seen, ..session(2) }));
        run(store, database.end_session(&[3; 32]));
        assert_eq!(store.read(async |reader| reader.session(&[3; 32]).await), None);
        assert_eq!(run(store, database.purge_sessions(at("2025-01-04T00:00:00Z"))), 2, "2 and 4 are over");
        let disabled = ConsoleUser { disabled_at: Some(seen), role: "auditor".to_owned(), ..ada() };
        assert!(run(store, database.update_user(&disabled)));
        assert_eq!(store.read(async |reader| reader.session(&[5; 32]).await), None, "the rest ends with it");
        let late = store.runtime.block_on(database.create_session(&session(5), &ada().password_hash));
        assert!(!late.unwrap(), "a disabled user gets no session");
        assert_eq!(store.read(async |reader| reader.user("ada").await), Some(disabled));
        assert_eq!(store.read(async |reader| reader.user("grace").await), None);
    });
}

#[test]
fn a_member_has_one_code_that_counts_its_tries_and_is_used_once() {
    on_both(|store| {
        let (made, ends) = (at("2025-01-01T00:00:00Z"), at("2025-01-01T00:10:00Z"));
        let code = |challenge: u8, account_id| MemberCode {
            challenge_hash: [challenge; 32],
            account_id,
            code_hash: [9; 32],
            tries: 0,
            created_at: made,
            expires_at: ends,
        };
        let database = &store.database;
        let found = |challenge: u8| store.read(async |reader| reader.member_code(&[challenge; 32]).await);
        run(store, database.replace_member_code(&code(1, Some(account(7)))));
        run(store, database.replace_member_code(&code(2, None)));
        run(store, database.replace_member_code(&code(3, None)));
        run(store, database.replace_member_code(&code(4, Some(account(7)))));
        assert_eq!(found(1), None, "the later code takes its place");
        assert_eq!((found(2), found(4)), (Some(code(2, None)), Some(code(4, Some(account(7))))));
        assert!(!run(store, database.count_code_try(&[4; 32], 5, ends)), "it is over");
        assert!(!run(store, database.count_code_try(&[5; 32], 5, made)), "there is none");
        for _ in 0..5 {
            assert!(run(store, database.count_code_try(&[4; 32], 5, made)));
        }
        assert!(!run(store, database.count_code_try(&[4; 32], 5, made)), "five tries are all");
        assert_eq!(found(4).map(|code| code.tries), Some(5));
        assert!(run(store, database.use_member_code(&[4; 32])));
        assert!(!run(store, database.use_member_code(&[4; 32])), "it was used");
        let later = MemberCode { created_at: ends, ..code(6, None) };
        run(store, database.replace_member_code(&later));
        assert_eq!((found(2), found(3)), (None, None), "what is over goes");
    });
}

#[test]
fn sessions_of_members_come_and_go() {
    on_both(|store| {
        let session = |number: u8| MemberSession {
            token_hash: [number; 32],
            account_id: account(7),
            csrf: "c".to_owned(),
            created_at: at(&format!("2025-01-0{number}T00:00:00Z")),
            last_seen_at: at(&format!("2025-01-0{number}T00:00:00Z")),
            expires_at: at(&format!("2025-01-1{number}T00:00:00Z")),
        };
        let database = &store.database;
        let found = |number: u8| store.read(async |reader| reader.member_session(&[number; 32]).await);
        for number in 1..=3 {
            run(store, database.create_member_session(&session(number)));
        }
        let seen = at("2025-01-05T00:00:00Z");
        run(store, database.touch_member_session(&[2; 32], seen));
        assert_eq!(found(2), Some(MemberSession { last_seen_at: seen, ..session(2) }));
        run(store, database.end_member_session(&[3; 32]));
        assert_eq!((found(1), found(3)), (Some(session(1)), None));
        let late = MemberSession { created_at: at("2025-01-11T00:00:00Z"), ..session(4) };
        run(store, database.create_member_session(&late));
        assert_eq!(found(1), None, "what is over goes");
    });
}

#[test]
fn a_request_is_decided_once_and_by_somebody_else() {
    on_both(|store| {
        let request = Approval {
            approval_id: "apr_1".to_owned(),
            account_id: account(7),
            command: "{\"points\":5000}".to_owned(),
            requested_by: "ada".to_owned(),
            requested_at: at("2025-01-01T00:00:00Z"),
            state: ApprovalState::Pending,
            decided_by: None,
            decided_at: None,
        };
        let database = &store.database;
        run(store, database.request_approval(&request));
        let waiting = store.read(async |reader| reader.approvals(ApprovalState::Pending, 10).await);
        assert_eq!(waiting, vec![request.clone()]);
        let when = at("2025-01-02T00:00:00Z");
        let decide =
            |state, who: &'static str| run(store, database.decide_approval("apr_1", state, who, None));
        assert!(!decide(ApprovalState::Approved, "ada"), "nobody approves what they asked for");
        assert!(decide(ApprovalState::Approved, "grace"));
        assert!(!decide(ApprovalState::Refused, "linus"), "it is decided");
        let decided = Approval {
            state: ApprovalState::Approved,
            decided_by: Some("grace".to_owned()),
            decided_at: Some(when),
            ..request.clone()
        };
        assert!(run(store, database.complete_approval("apr_1", when)));
        assert!(!run(store, database.complete_approval("apr_1", at("2025-01-03T00:00:00Z"))), "it is done");
        assert_eq!(store.read(async |reader| reader.approval("apr_1").await), Some(decided));
    });
}

#[test]
fn the_latest_decisions_are_listed_first_and_what_is_not_done_before_them() {
    on_both(|store| {
        let database = &store.database;
        let day = |day: u8| at(&format!("2025-01-{day:02}T00:00:00Z"));
        for number in 1..=4 {
            let request = Approval {
                approval_id: format!("apr_{number}"),
                account_id: account(7),
                command: "{}".to_owned(),
                requested_by: "ada".to_owned(),
                requested_at: day(number),
                state: ApprovalState::Pending,
                decided_by: None,
                decided_at: None,
            };
            run(store, database.request_approval(&request));
        }
        let ids = |found: Vec<Approval>| found.into_iter().map(|each| each.approval_id).collect::<Vec<_>>();
        let waiting = ids(store.read(async |reader| reader.approvals(ApprovalState::Pending, 2).await));
        assert_eq!(waiting, ["apr_1", "apr_2"], "who waits longest");
        for (id, decided) in
            [("apr_1", None), ("apr_2", Some(day(11))), ("apr_3", Some(day(13))), ("apr_4", Some(day(12)))]
        {
            assert!(run(store, database.decide_approval(id, ApprovalState::Approved, "grace", decided)));
        }
        let decided = ids(store.read(async |reader| reader.approvals(ApprovalState::Approved, 3).await));
        assert_eq!(decided, ["apr_1", "apr_3", "apr_4"]);
    });
}

#[test]
fn an_import_is_followed_and_found_again() {
    on_both(|store| {
        let started = ImportRun {
            run_id: "imp_1".to_owned(),
            files: vec!["a.csv".to_owned(), "b.csv.gz".to_owned()],
            map: "[columns]".to_owned(),
            fingerprint: [9; 16],
            state: ImportState::Running,
            rows_read: 0,
            documents: 0,
            rejected: 0,
            position: "{}".to_owned(),
            counts: "{}".to_owned(),
            started_at: at("2025-01-01T00:00:00Z"),
            finished_at: None,
            error: None,
        };
        let reject = |reject_no| ImportReject {
            reject_no,
            file: "a.csv".to_owned(),
            row_no: reject_no * 10,
            field: "amount".to_owned(),
            value: "12,x".to_owned(),
            reason: "“12,x” is not a number".to_owned(),
        };
        let database = &store.database;
        run(store, database.save_import(&started, &[]));
        let finished = ImportRun {
            state: ImportState::Finished,
            rows_read: 30,
            documents: 9,
            rejected: 2,
            position: "{\"row\":30}".to_owned(),
            finished_at: Some(at("2025-01-01T00:01:00Z")),
            ..started.clone()
        };
        run(store, database.save_import(&finished, &[reject(1), reject(2)]));
        run(store, database.save_import(&finished, &[reject(2)]));
        let other = ImportRun {
            run_id: "imp_2".to_owned(),
            fingerprint: [8; 16],
            started_at: at("2025-01-03T00:00:00Z"),
            error: Some("disk full".to_owned()),
            state: ImportState::Failed,
            ..started
        };
        run(store, database.save_import(&other, &[]));
        let (by_id, like, latest, older, rejects, rest) = store.read(async |reader| {
            Ok((
                reader.import_run("imp_1").await?,
                reader.import_run_like(&[9; 16]).await?,
                reader.import_runs(None, 10).await?,
                reader.import_runs(Some(other.started_at), 10).await?,
                reader.import_rejects("imp_1", 0, 10).await?,
                reader.import_rejects("imp_1", 1, 10).await?,
            ))
        });
        assert_eq!((by_id.as_ref(), like.as_ref()), (Some(&finished), Some(&finished)));
        assert_eq!(latest, vec![other.clone(), finished.clone()]);
        assert_eq!(older, vec![finished]);
        assert_eq!((rejects, rest), (vec![reject(1), reject(2)], vec![reject(2)]));
    });
}
