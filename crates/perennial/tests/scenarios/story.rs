//! Reading a scenario: a Markdown file with a title, why systems fail there, the programme, the numbers worked out by
//! hand, and the story in steps. What does not fit this form is a mistake, so that nothing is passed over in silence.

use crate::run::Failure;

/// What a check begins with, to tell it from an act.
const THEN: &str = "then ";

/// A scenario as written.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) file: String,
    pub(crate) title: String,
    /// The programme document, in TOML.
    pub(crate) programme: String,
    pub(crate) steps: Vec<Step>,
}

/// A line of the story with its number in the file.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) text: String,
}

/// Something that happens, or several things at the same time, and what must then hold.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: Line,
    pub(crate) together: Vec<Line>,
    pub(crate) checks: Vec<Line>,
}

impl Story {
    pub(crate) fn read(file: &str, text: &str) -> Result<Self, Failure> {
        let mistake = |number: usize, step: &str, expected: &str, got: &str| {
            Failure::new(file, &Line { number, text: step.to_owned() }, expected, got)
        };
        let lines: Vec<&str> = text.lines().collect();
        let title = lines.first().and_then(|line| line.strip_prefix("# ")).unwrap_or_default().to_owned();
        if title.is_empty() {
            return Err(mistake(1, "title", "a first line “# Title”", lines.first().unwrap_or(&"nothing")));
        }
        let mut story = Self { file: file.to_owned(), title, programme: String::new(), steps: Vec::new() };
        let (mut section, mut fenced, mut why, mut by_hand) = ("", false, 0, 0);
        for (number, line) in (2..).zip(&lines[1..]) {
            if line.starts_with("```") {
                fenced = !fenced;
                continue;
            }
            if fenced {
                if section == "Programme" {
                    story.programme.push_str(line);
                    story.programme.push('\n');
                }
                continue;
            }
            if let Some(name) = line.strip_prefix("## ") {
                section = ["Programme", "By hand", "Story"]
                    .into_iter()
                    .find(|known| *known == name)
                    .ok_or_else(|| {
                        mistake(number, name, "a section “Programme”, “By hand” or “Story”", "another one")
                    })?;
                continue;
            }
            match section {
                _ if line.trim().is_empty() => {}
                "" => why += 1,
                "By hand" => by_hand += 1,
                "Story" => story.add(line, number)?,
                _ => {}
            }
        }
        for (missing, what) in [
            (why == 0, "why systems fail here, after the title"),
            (story.programme.is_empty(), "the programme as a fenced block in the section “Programme”"),
            (by_hand == 0, "the numbers worked out, in the section “By hand”"),
            (story.steps.is_empty(), "steps, in the section “Story”"),
        ] {
            if missing {
                return Err(mistake(lines.len(), "the whole file", what, "none"));
            }
        }
        match story.steps.iter().find(|step| step.line.text.ends_with(':') && step.together.is_empty()) {
            Some(step) => Err(Failure::new(file, &step.line, "what happens, in lines below", "none")),
            None => Ok(story),
        }
    }

    /// Adds a line of the story: `- ` opens a step, `  - ` says what belongs to it, deeper text goes on.
    fn add(&mut self, text: &str, number: usize) -> Result<(), Failure> {
        let line = |text: &str| Line { number, text: text.trim().trim_end_matches('.').to_owned() };
        if let Some(step) = text.strip_prefix("- ") {
            self.steps.push(Step { line: line(step), together: Vec::new(), checks: Vec::new() });
            return Ok(());
        }
        let misplaced =
            Failure::new(&self.file, &line(text), "a line “- …” or “  - …” below one", "other text");
        let Some(step) = self.steps.last_mut() else { return Err(misplaced) };
        let several = step.line.text.ends_with(':');
        match text.strip_prefix("  - ") {
            Some(part) => match part.strip_prefix(THEN) {
                Some(check) => step.checks.push(line(check)),
                None if several && step.checks.is_empty() => step.together.push(line(part)),
                None => {
                    let expected = "a check, which begins with “then”";
                    return Err(Failure::new(&self.file, &line(part), expected, "something that happens"));
                }
            },
            None if text.starts_with("  ") => {
                let last = step.checks.last_mut().or(step.together.last_mut()).unwrap_or(&mut step.line);
                last.text.push(' ');
                last.text.push_str(&line(text).text);
            }
            None => return Err(misplaced),
        }
        Ok(())
    }
}
