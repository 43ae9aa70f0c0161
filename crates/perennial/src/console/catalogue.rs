//! The console's texts in both languages, from `locales/*.ftl`. A missing text shows its key in ⟦ ⟧, which the
//! browser tests look for; the tests here hold the two catalogues and the templates together.

use std::sync::LazyLock;

use domain::programme::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// What staff read, at the desk as well, then what members read.
const CHINESE_SOURCE: &str = concat!(
    include_str!("../../locales/zh-CN.ftl"),
    "\n",
    include_str!("../../locales/desk.zh-CN.ftl"),
    "\n",
    include_str!("../../locales/duplicates.zh-CN.ftl"),
    "\n",
    include_str!("../../locales/card.zh-CN.ftl")
);
const ENGLISH_SOURCE: &str = concat!(
    include_str!("../../locales/en.ftl"),
    "\n",
    include_str!("../../locales/desk.en.ftl"),
    "\n",
    include_str!("../../locales/duplicates.en.ftl"),
    "\n",
    include_str!("../../locales/card.en.ftl")
);

static CHINESE: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::ZhCn, CHINESE_SOURCE));
static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::En, ENGLISH_SOURCE));

/// The texts of one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::ZhCn => &CHINESE,
            Language::En => &ENGLISH,
        }
    }

    fn read(language: Language, source: &str) -> Self {
        // A part that cannot be read is left out; the tests refuse a catalogue with such a part.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
        let mut bundle = FluentBundle::new_concurrent(vec![tag(language).parse().unwrap_or_default()]);
        // Isolation marks guard mixed writing directions, which these two languages do not have.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// A text without variables.
    pub(crate) fn get(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with variables.
    pub(crate) fn with<'a>(
        &self,
        key: &str,
        arguments: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> String {
        self.format(key, Some(&arguments.into_iter().collect()))
    }

    /// Whether there is such a text.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("⟦{key}⟧");
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        if errors.is_empty() { text.into_owned() } else { format!("⟦{key}⟧") }
    }
}

/// The tag of a language for `lang` attributes and headers.
pub(crate) fn tag(language: Language) -> &'static str {
    language.pick("zh-CN", "en")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_bundle::FluentResource;

    const SOURCES: [&str; 2] = [super::CHINESE_SOURCE, super::ENGLISH_SOURCE];

    /// The keys of a catalogue: the words at the start of a line before ` =`.
    fn keys(source: &str) -> BTreeSet<String> {
        let named = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        named.filter_map(|line| line.split_once(" =")).map(|(key, _)| key.to_owned()).collect()
    }

    /// The variables a text names.
    fn variables(source: &str, key: &str) -> BTreeSet<String> {
        let body = source.split(&format!("\n{key} =")).nth(1).unwrap_or_default();
        let body: String = body
            .lines()
            .enumerate()
            .take_while(|(at, line)| *at == 0 || line.is_empty() || line.starts_with([' ', '}']))
            .map(|(_, line)| line)
            .collect();
        body.split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
            .collect()
    }

    #[test]
    fn both_catalogues_can_be_read_and_have_the_same_keys_and_variables() {
        for source in SOURCES {
            assert!(FluentResource::try_new(source.to_owned()).is_ok(), "a part cannot be read");
        }
        let [chinese, english] = SOURCES.map(keys);
        assert_eq!(chinese, english);
        assert!(chinese.len() > 150, "the reader of this test finds the keys");
        for key in &chinese {
            // Where a language has no plural, it need not look at the count.
            let named = SOURCES.map(|source| {
                let mut named = variables(source, key);
                named.remove("count");
                named
            });
            assert_eq!(named[0], named[1], "variables of {key}");
        }
    }

    #[test]
    fn every_key_that_pages_use_exists_and_every_key_is_used() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        let mut folders = vec![
            root.join("templates"),
            root.join("src/console"),
            root.join("src/portal"),
            root.join("src/till"),
        ];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    text.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let keys = keys(SOURCES[0]);
        let mut faults = Vec::new();
        for call in ["f.t(\"", "f.n(\"", "f.v(\"", "texts.get(\"", "texts.with(\""] {
            for used in text.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                if !keys.contains(used) {
                    faults.push(format!("{used} is used but not in the catalogue"));
                }
            }
        }
        // Keys put together at run time: a fixed beginning and a value from the domain.
        let composed = [
            "event-",
            "status-",
            "tier-reason-",
            "identifier-",
            "role-",
            "refusal-",
            "field-",
            "run-",
            "preset-",
            "unit-kind-",
            "voucher-status-",
            "voucher-use-",
            "voucher-holder-",
            "redemption-state-",
            "ends-",
            "duplicate-state-",
            "duplicate-run-",
            "duplicate-field-",
            "duplicate-agreement-",
            "club-standing-",
            "layer-",
            "reason-",
            "card-state-",
            "card-period-",
            "card-weekday-",
            "card-progress-",
            "card-gift-done-",
            "till-fault-",
            "till-method-",
            // What reports name: figures, tables, columns, words and notes of `analytics::report`.
            "report-",
            "figure-",
            "table-",
            "column-",
            "word-",
            "note-",
            "no-answer-",
            "unit-of-",
            // The columns and statuses of the register of claims, the reasons of `analytics::import`.
            "claims-",
            "claim-",
            "reject-",
        ];
        for key in &keys {
            let literal = text.contains(&format!("\"{key}\""));
            if !literal && !composed.iter().any(|start| key.starts_with(start)) {
                faults.push(format!("{key} is in the catalogue but nobody uses it"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
