//! Duplicates from a shell: found, listed with what speaks for them, decided about.

use super::shop::Shop;

#[test]
fn two_records_of_one_person_are_found_listed_and_merged_at_the_shell() {
    let shop = Shop::with_programme();
    let enrol = |name: &str, born_on: &str, phone: &str| {
        let phone = format!("phone:{phone}");
        let answer =
            shop.json(["enrol-member", "--identifier", phone.as_str(), "--name", name, "--born-on", born_on]);
        answer["receipt"]["member_id"].as_str().unwrap().to_owned()
    };
    let one = enrol("李晓明", "1990-05-01", "+8613800138001");
    let other = enrol("Xiaoming LI", "1990-05-01", "+8613800138011");
    let stranger = enrol("王芳", "1971-08-19", "+8613900001111");
    shop.run(["duplicates", "list"]).succeeded();
    shop.run(["duplicates", "find"]).succeeded().says("3 members").says("1 open (1 likely)");
    let listed = shop.json(["duplicates", "list"]);
    assert_eq!(listed["pairs"][0]["evidence"][1]["agreement"], "sounds_same", "{listed}");
    shop.run(["duplicates", "list"]).succeeded().says("given_name sounds_same +").says("phone near +");

    shop.run(["duplicates", "decide", &one, &stranger, "later"]).expect_code(3).says("pair of members");
    shop.run(["duplicates", "decide", &one, &other, "merge"]).expect_code(2).says("--survivor");
    shop.run(["duplicates", "decide", &one, &other, "not-same"]).succeeded().says("not_same");
    assert_eq!(shop.json(["duplicates", "find"])["not_same"], 1, "a second run asks nothing again");
    shop.run(["duplicates", "list", "--state", "not-same"]).succeeded().says("李晓明");
    let merge = ["duplicates", "decide", &one, &other, "merge", "--survivor", &one, "--reason", "two cards"];
    shop.run(merge).succeeded().says("merged");
    shop.run(["duplicates", "find"]).succeeded().says("right so far: 1 of 1 judged (0.207 to 1.000)");
    shop.run(["verify", "--deep"]).succeeded().says("all holds");
}
