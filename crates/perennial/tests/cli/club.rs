//! Interest clubs at the shell: listed as a member finds them, joined and left; a set from a report fills one.

use super::shop::Shop;

#[test]
fn a_member_joins_a_club_and_leaves_it() {
    let shop = Shop::new();
    let programme = shop.run(["new-programme"]).stdout;
    shop.write("programme.toml", &programme);
    shop.publish("programme.toml");
    shop.run(["enrol-member", "--identifier", "external:ada"]).succeeded();
    shop.run(["club", "list", "external:ada"]).succeeded().says("gourmet (Food lovers): outside");
    shop.write("set.csv", "member\nexternal:ada\n");
    shop.run(["audience", "replace", "gourmet", "set.csv"]).succeeded();
    shop.run(["club", "list", "external:ada"]).succeeded().says("gourmet (Food lovers): placed");
    let left = shop.json(["club", "leave", "external:ada", "gourmet"]);
    assert_eq!((&left["club"], &left["standing"]), (&"gourmet".into(), &"left".into()));
    // The next set does not bring her back; putting her into it by hand does.
    shop.run(["audience", "replace", "gourmet", "set.csv"]).succeeded();
    shop.run(["club", "list", "external:ada"]).succeeded().says("gourmet (Food lovers): left");
    shop.run(["update-member", "external:ada", "--segment", "gourmet"]).succeeded();
    shop.run(["club", "list", "external:ada"]).succeeded().says("gourmet (Food lovers): joined");
    shop.run(["club", "join", "external:ada", "wine"])
        .expect_code(3)
        .says("there is no interest club “wine”");
    shop.run(["verify", "--deep"]).succeeded().says("all holds");
}
