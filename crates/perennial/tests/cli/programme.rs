//! Programmes: from an example to a version in force, and what a broken file is told.

use super::shop::{Shop, repository};

#[test]
fn every_example_is_written_and_clean() {
    let shop = Shop::new();
    for name in ["starter", "jd", "tmall", "clubcard", "hotel"] {
        let file = format!("{name}.toml");
        shop.run(["new-programme", "--example", name, "--output", &file]).succeeded();
        shop.run(["check-programme", &file]).succeeded().says("0 errors");
        let committed = repository().join("examples/programmes").join(&file);
        assert_eq!(std::fs::read(shop.path(&file)).unwrap(), std::fs::read(committed).unwrap());
    }
    shop.run(["new-programme", "--example", "starter", "--output", "jd.toml"]).expect_code(1).says("jd.toml");
    shop.run(["new-programme", "--example", "nobody"]).expect_code(2).says("clubcard");
}

#[test]
fn a_broken_file_is_told_line_field_value_and_remedy() {
    let shop = Shop::new();
    let starter = shop.run(["new-programme"]).stdout;
    let broken = starter.replace("per = \"1.00\"", "per = \"0\"");
    let line = broken.lines().position(|line| line.contains("per = \"0\"")).unwrap() + 1;
    shop.write("broken.toml", &broken);
    let ran = shop.run(["check-programme", "broken.toml"]);
    ran.expect_code(3)
        .says(&format!("line {line}: error: rules[0].effect.rate.per = 0"))
        .says("Use more than 0");
    let ran = shop.run(["--json", "check-programme", "broken.toml"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["errors"], 1);
    assert_eq!(report["findings"][0]["line"], line);
    let ran = shop.run(["publish-programme", "broken.toml"]);
    ran.expect_code(3).says("rules[0].effect.rate.per");
}

/// Saved as GBK, as a Chinese Windows does: the name in the second line is no UTF-8.
#[test]
fn a_file_that_is_no_utf8_is_told_where_and_what_to_do() {
    let shop = Shop::new();
    std::fs::write(shop.path("gbk.toml"), b"code = \"shop\"\nname = \"\xb5\xea\"\n").unwrap();
    for command in ["check-programme", "publish-programme"] {
        let told = "gbk.toml: the byte at offset 22, in line 2, is not UTF-8: save the file as UTF-8";
        shop.run([command, "gbk.toml"]).expect_code(1).says(told);
    }
}

#[test]
fn versions_are_published_in_order() {
    let shop = Shop::with_programme();
    let ran =
        shop.run(["--json", "publish-programme", "programme.toml", "--effective-at", "1989-01-01T00:00:00Z"]);
    ran.expect_code(3);
    assert_eq!(ran.error_code(), "version_out_of_order");
    let published =
        shop.json(["publish-programme", "programme.toml", "--effective-at", "2999-01-01T00:00:00Z"]);
    assert_eq!(published["version"], 2);
}
