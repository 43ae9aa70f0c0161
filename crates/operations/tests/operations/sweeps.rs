//! The sweep of what time makes due gets through, whatever stands in its way on single accounts.

use crate::support::{Kind, PROGRAMME, adjust, engine, enrol, everything, place, request, start};
use jiff::ToSpan;
use store::Faults;

/// More than a page of accounts whose only due matter is gone, and one whose points are due after all of theirs.
const IDLE: u32 = 1_050;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ladder_that_is_gone_does_not_stop_the_sweep() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let engine = engine(&place.url, 1, Faults::default()).await;
        let from = start().checked_sub((24 * 60).hours()).expect("in range");
        engine.publish_programme(PROGRAMME, from, "owner").await.expect("published");
        let joins = (0..IDLE).map(|number| request(enrol(&format!("idle{number}")))).collect();
        for reply in engine.submit(joins).await.expect("answers") {
            reply.expect("enrolled");
        }
        for command in [enrol("ada"), adjust("ada", 40, start())] {
            engine.carry_out(request(command)).await.expect("prepared");
        }
        // The next version has another ladder in place of the one whose reviews are due.
        let other = PROGRAMME.replace("code = \"club\"", "code = \"circle\"");
        let later = start().checked_add((24 * 35).hours()).expect("in range");
        engine.publish_programme(&other, later, "owner").await.expect("published");

        let due = start().checked_add((24 * 200).hours()).expect("in range");
        let report = engine.expire_points(due, &mut |_| ()).await.expect("swept");
        assert_eq!(report.points_expired, 40, "{kind:?}: the points behind them lapsed: {report:?}");
        let again = engine.expire_points(due, &mut |_| ()).await.expect("swept");
        assert_eq!(again.accounts, 0, "{kind:?}: nothing is due any more: {again:?}");
        everything(&engine, "idle7").await;
        let report = engine.verify(true, &mut |_| ()).await.expect("verified");
        assert_eq!(report.differences, [], "{kind:?}");
        engine.shut_down().await;
    }
}
