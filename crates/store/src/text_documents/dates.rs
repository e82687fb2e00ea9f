/// The first date in a name or a line: `2024`, `2024-03`, `2024-03-05` (also with `.`, `/`, `_`), `202403`, `20240305`, `2024年3月5日`; years
/// from 1900 to 2099. What follows a year and is no month or day is not part of it.
///
/// ```
/// use xinzhi_store::date_in;
/// assert_eq!(date_in("2024年3月5日政府工作报告").as_deref(), Some("2024-03-05"));
/// assert_eq!(date_in("report_20240305_final").as_deref(), Some("2024-03-05"));
/// assert_eq!(date_in("plan 2021-2025").as_deref(), Some("2021"));
/// assert_eq!(date_in("GB/T 4754").as_deref(), None);
/// ```
pub fn date_in(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let run = digits(&characters, at);
        if run > 0 {
            if let Some(date) = date_at(&characters, at, run) {
                return Some(date);
            }
            at += run;
        } else {
            at += 1;
        }
    }
    None
}

fn digits(characters: &[char], from: usize) -> usize {
    characters[from..].iter().take_while(|c| c.is_ascii_digit()).count()
}

fn number(characters: &[char]) -> u32 {
    characters.iter().fold(0, |n, c| n * 10 + c.to_digit(10).unwrap_or(0))
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn date_at(characters: &[char], at: usize, run: usize) -> Option<String> {
    if ![4, 6, 8].contains(&run) {
        return None;
    }
    let year = number(&characters[at..at + 4]);
    if !(1900..=2099).contains(&year) {
        return None;
    }
    if run > 4 {
        let month = number(&characters[at + 4..at + 6]);
        let day = (run == 8).then(|| number(&characters[at + 6..at + 8]));
        return match day {
            Some(day) if is_day(year, month, day) => Some(format!("{year}-{month:02}-{day:02}")),
            None if (1..=12).contains(&month) => Some(format!("{year}-{month:02}")),
            _ => None,
        };
    }
    let part = |from: usize, signs: &str| -> Option<(u32, usize)> {
        characters.get(from).filter(|c| signs.contains(**c))?;
        let mut start = from + 1;
        start += characters[start.min(characters.len())..].iter().take_while(|c| **c == ' ').count();
        let length = digits(characters, start.min(characters.len()));
        (1..=2).contains(&length).then(|| (number(&characters[start..start + length]), start + length))
    };
    if let Some((month, after)) = part(at + 4, "-_./年").filter(|(month, _)| (1..=12).contains(month)) {
        return Some(match part(after, "-_./月").filter(|(day, _)| is_day(year, month, *day)) {
            Some((day, _)) => format!("{year}-{month:02}-{day:02}"),
            None => format!("{year}-{month:02}"),
        });
    }
    Some(year.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_shapes() {
        for (text, date) in [
            ("2024", Some("2024")),
            ("2024-3-5", Some("2024-03-05")),
            ("2024.03", Some("2024-03")),
            ("a202413b", None),
            ("20240230", None),
            ("2024-13-01", Some("2024")),
            ("2023年12月中央经济工作会议", Some("2023-12")),
            ("第十四届 1234 号", None),
            ("1954年", Some("1954")),
            ("", None),
            ("2024-", Some("2024")),
            ("2024年 3月 5日", Some("2024-03-05")),
        ] {
            assert_eq!(date_in(text).as_deref(), date, "{text}");
        }
    }
}
