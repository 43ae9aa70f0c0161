//! Mistakes in scenarios must be told with file, line, step, what was expected and what came; and nothing that is not
//! understood may pass.

use crate::run::tell;
use crate::stage::Kind;
use crate::story::Story;

const START: &str = "# A shop\n\nWhy: to see mistakes.\n\n## Programme\n\n```toml\ncode = \"shop\"\n\
    name = { zh = \"店\", en = \"Shop\" }\ncurrency = \"CNY\"\ntime_zone = \"Asia/Shanghai\"\n\n[[units]]\ncode = \"points\"\n\
    name = { zh = \"积分\", en = \"points\" }\n\n[[rules]]\ncode = \"base\"\nname = { zh = \"基础\", en = \"Base\" }\n\
    unit = \"points\"\neffect.rate = { points = 1, per = \"1.00\" }\n```\n\n## By hand\n\n100 ÷ 1 = 100.\n\n## Story\n\n";

/// What is told of a story that begins well and goes on like this.
fn told(story: &str) -> String {
    let text = format!("{START}{story}");
    let failure = match Story::read("shop.md", &text) {
        Ok(story) => tell(&story, Kind::Sqlite).err(),
        Err(failure) => Some(failure),
    };
    failure.map_or_else(String::new, |failure| failure.to_string())
}

/// The line of the file on which the story's first line stands.
fn first_line() -> usize {
    START.lines().count() + 1
}

#[test]
fn a_story_that_comes_out_as_written_is_not_told_of() {
    let told = told(
        "- It is 2026-05-11 10:00.\n- Anna buys r1 for 100.00.\n  - then earned 100\n  - then Anna has\n    100 available\n",
    );
    assert_eq!(told, "");
}

#[test]
fn a_wrong_number_is_told_with_place_step_expectation_and_outcome() {
    let told = told("- Anna buys r1 for 100.00.\n  - then earned 101\n");
    let expected =
        format!("shop.md:{}\n  step      earned 101\n  expected  101\n  got       100", first_line() + 1);
    assert_eq!(told, expected);
}

#[test]
fn every_kind_of_mistake_is_told() {
    // The story, and what must be said of it.
    for (story, says) in [
        ("- Anna walks in.\n", "a step that is not known: “Anna walks in”"),
        ("- Anna buys r1 for 100.00, cheerfully.\n", "a step that is not known"),
        ("- Anna buys r1 for 100.\n", "an amount such as 12.50"),
        ("- It is 2026-05-11, 10:00.\n", "a step that is not known"),
        ("- It is 2026-13-11 10:00.\n", "a time such as"),
        ("- Anna buys r1 for 100.00.\n  - then Anna is happy indeed\n", "a check that is not known"),
        ("- Anna buys r1 for 100.00.\n  - Anna has 100 available\n", "begins with “then”"),
        ("- Anna buys r1 for 100.00.\n  - then Anna has 100 availible\n", "available, pending, held, owed"),
        ("- Anna buys r1 for 100.00.\n  - then Anna has 100 available, 1 pending\n", "(\"pending\", 1)"),
        ("- Anna buys r1 for 100.00.\n  - then Anna has 0 available\n", "(\"available\", 0)"),
        ("- Anna buys r1 for 100.00.\n  - then refused: too_late\n", "expected  \"too_late\""),
        ("- Anna buys r1 for 100.00.\n  - then Berta has nothing\n", "expected  a member Berta"),
        ("- Anna buys r1 for 100.00, in USD.\n", "currency_differs"),
        ("- b1 captures h1.\n", "expected  it is done"),
        (
            "- Anna buys r1 for 100.00.\n- Anna buys r1 for 100.00.\n- Anna buys r1 for 200.00.\n",
            "document_differs",
        ),
        ("- Anna buys r1 for 100.00.\n- The same request is sent again.\n  - then 1 is new\n", "expected  1"),
        ("- At the same time:\n", "what happens, in lines below"),
        ("- At the same time:\n  - It is 2026-05-11 10:00.\n", "expected  a request"),
        ("- 2 tills at the same time:\n  - Anna buys r# for 10.00.\n  - then 1 succeeds\n", "expected  1"),
        ("Anna buys r1 for 100.00.\n", "other text"),
        ("", "steps, in the section “Story”"),
    ] {
        let told = told(story);
        let place =
            if story.is_empty() { "shop.md:".to_owned() } else { format!("shop.md:{}", first_line()) };
        let decade = &place[..place.len() - 1];
        assert!(told.contains(says) && told.starts_with(decade), "{story}\nsays “{says}”, not:\n{told}");
    }
}

#[test]
fn a_file_without_its_parts_is_refused() {
    for (part, says) in [
        ("# A shop", "a first line"),
        ("Why: to see mistakes.", "why systems fail here"),
        ("## Programme", "the programme"),
        ("100 ÷ 1 = 100.", "By hand"),
        ("## By hand", "By hand"),
        ("## Story", "steps"),
    ] {
        let text = format!("{START}- Anna buys r1 for 100.00.\n");
        let failure = Story::read("shop.md", &text.replacen(part, "", 1)).unwrap_err().to_string();
        assert!(failure.contains(says), "without “{part}”: {failure}");
    }
    let other = format!("{START}- Anna joins.\n\n## Epilogue\n");
    assert!(Story::read("shop.md", &other).unwrap_err().to_string().contains("Epilogue"));
}
