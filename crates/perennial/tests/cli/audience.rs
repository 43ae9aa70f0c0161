//! Audiences at the shell: from a file with lines that name nobody, told at once, and listed.

use super::shop::Shop;

const SEGMENTS: &str = r#"
[[segments]]
code = "early"
name = { zh = "早鸟", en = "Early birds" }
"#;

#[test]
fn an_audience_is_replaced_by_a_file_and_listed() {
    let shop = Shop::new();
    let programme = shop.run(["new-programme"]).stdout;
    shop.write("programme.toml", &format!("{programme}{SEGMENTS}"));
    shop.publish("programme.toml");
    for name in ["external:ada", "external:ben"] {
        shop.run(["enrol-member", "--identifier", name]).succeeded();
    }
    shop.run(["audience", "list"]).succeeded().says("no audiences yet");
    shop.write(
        "tastes.csv",
        "member,segment,probability\nada,early,0.9\nben,late,0.8\nexternal:cleo,early,0.7\n",
    );
    shop.run(["audience", "replace", "early", "tastes.csv"]).expect_code(3).says("say which of its values");
    let choice = ["audience", "replace", "early", "tastes.csv", "--segment-column", "early"];
    let ran = shop.run(choice);
    ran.expect_code(3).says("early version 1: 1 members, 1 entered, 0 left").says("tastes.csv, shell");
    ran.expect_code(3).says("line 4: external:cleo").says("told: 1 entries and exits of 1 members");

    shop.write("both.csv", "member\nexternal:ada\nexternal:ben\n");
    let told =
        shop.json(["audience", "replace", "early", "both.csv", "--version", "12", "--source", "model 3"]);
    assert_eq!((&told["audience"]["version"], &told["told"]["events"]), (&12.into(), &1.into()));
    shop.run(["audience", "replace", "early", "both.csv", "--version", "12"])
        .expect_code(3)
        .says("not newer than 12");
    shop.run(["audience", "list"])
        .succeeded()
        .says("early version 12: 2 members, 1 entered, 0 left; model 3, shell");
    shop.run(["audience", "replace", "pilots", "both.csv"])
        .expect_code(3)
        .says("not a segment of this programme");
    shop.run(["show-member", "external:ben"]).succeeded().says("in audiences early");
    shop.run(["verify", "--deep"]).succeeded().says("all holds");
}
