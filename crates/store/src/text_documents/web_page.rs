use super::paragraphs::single_spaced;
use super::{Content, date_in};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// Elements whose content is not the page's text.
const LEFT_OUT: [&str; 15] = [
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "svg", "math", "form", "button", "select", "iframe",
    "object",
];
/// Elements inside a paragraph; all others begin a new one.
const INLINE: [&str; 30] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "o:p", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u", "wbr",
];
/// Names under which pages say when they were published.
const DATED: [&str; 9] = [
    "pubdate",
    "publishdate",
    "publish_date",
    "date",
    "article:published_time",
    "dc.date",
    "dcterms.issued",
    "publicationdate",
    "datepublished",
];

/// The text of a web page: no scripts, styles, navigation, page headers and footers; its title and the date its head states.
pub(super) fn read(page: &str) -> Content {
    let mut content = Content::default();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut text = String::new();
    let mut hidden: Vec<String> = Vec::new();
    let mut in_title = false;
    let mut headline = String::new();
    let mut in_headline = false;
    let end_paragraph = |text: &mut String, content: &mut Content| {
        let done = single_spaced(text);
        if !done.is_empty() {
            content.paragraphs.push(done);
        }
        text.clear();
    };
    for token in Tokenizer::new_with_emitter(page, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                if name == "meta" && content.date.is_none() {
                    let attribute = |wanted: &str| {
                        tag.attributes
                            .iter()
                            .find(|(key, _)| key.0 == wanted.as_bytes())
                            .map(|(_, v)| String::from_utf8_lossy(&v.value.0).into_owned())
                    };
                    let key = attribute("name").or_else(|| attribute("property")).or_else(|| attribute("itemprop")).unwrap_or_default();
                    if DATED.contains(&key.to_lowercase().as_str()) {
                        content.date = attribute("content").and_then(|value| date_in(&value));
                    }
                }
                if LEFT_OUT.contains(&name.as_str()) && !tag.self_closing {
                    hidden.push(name);
                    continue;
                }
                match name.as_str() {
                    "title" => in_title = true,
                    "h1" => in_headline = headline.is_empty(),
                    _ => {}
                }
                if !INLINE.contains(&name.as_str()) {
                    end_paragraph(&mut text, &mut content);
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                if let Some(at) = hidden.iter().rposition(|open| *open == name) {
                    // what was left open inside ends with it
                    hidden.truncate(at);
                    end_paragraph(&mut text, &mut content);
                    continue;
                }
                match name.as_str() {
                    "title" => in_title = false,
                    "h1" => in_headline = false,
                    // an element that was never closed must not hide the rest of the page
                    "body" | "html" | "main" | "article" => hidden.clear(),
                    _ => {}
                }
                if !INLINE.contains(&name.as_str()) {
                    end_paragraph(&mut text, &mut content);
                }
            }
            Token::String(part) if hidden.is_empty() => {
                let part = String::from_utf8_lossy(&part.value.0).into_owned();
                if in_title {
                    content.title.push_str(&part);
                } else {
                    if in_headline {
                        headline.push_str(&part);
                    }
                    text.push_str(&part);
                }
            }
            _ => {}
        }
    }
    end_paragraph(&mut text, &mut content);
    content.title = single_spaced(if content.title.trim().is_empty() { &headline } else { &content.title });
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_text() {
        let page = "<!DOCTYPE html><html><head><title>报告 &amp; 解读</title><meta name=\"PubDate\" content=\"2024-03-05 10:00\">\
            <style>.新质生产力{}</style><script>if (1<2) document.write('新质生产力')</script></head><body><nav>新质生产力</nav>\
            <p>加快发展<b>新质</b>生产力&#12290;<br>Low&#8209;altitude&nbsp;economy</p><div>第二段<p>第三段</div><footer>x</footer></body></html>";
        let found = read(page);
        assert_eq!((found.title.as_str(), found.date.as_deref()), ("报告 & 解读", Some("2024-03-05")));
        assert_eq!(found.paragraphs, ["加快发展新质生产力。", "Low\u{2011}altitude economy", "第二段", "第三段"]);
    }

    #[test]
    fn broken_pages_give_what_they_have() {
        assert_eq!(read("<p>a<nav>b<p>c").paragraphs, ["a"]);
        assert_eq!(read("plain < text & more").paragraphs, ["plain < text & more"]);
        assert_eq!(read("").paragraphs, Vec::<String>::new());
    }
}
