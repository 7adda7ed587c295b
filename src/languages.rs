//! The language of a title, where its script settles it: what the queue is narrowed by.
//!
//! A title in Latin letters says little, and the marketplace's language stays. Letters of
//! another script outweigh it: a Korean title at a French marketplace is Korean.

/// A script, as far as it says which language is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Kana,
    Han,
    Hangul,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Armenian,
    Georgian,
    Thai,
    Lao,
    Khmer,
    Myanmar,
    Tibetan,
    Ethiopic,
    Sinhala,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
}

use Script::{
    Arabic, Armenian, Bengali, Cyrillic, Devanagari, Ethiopic, Georgian, Greek, Gujarati, Gurmukhi,
    Han, Hangul, Hebrew, Kana, Kannada, Khmer, Lao, Latin, Malayalam, Myanmar, Sinhala, Tamil,
    Telugu, Thai, Tibetan,
};

/// Letters by their code points, in order: the script of a letter is that of the last
/// range that begins at it or before, if it has not ended.
const RANGES: [(u32, u32, Script); 42] = [
    (0x41, 0x5a, Latin),
    (0x61, 0x7a, Latin),
    (0xc0, 0x24f, Latin),
    (0x370, 0x3ff, Greek),
    (0x400, 0x52f, Cyrillic),
    (0x531, 0x587, Armenian),
    (0x5d0, 0x5f2, Hebrew),
    (0x620, 0x6ff, Arabic),
    (0x750, 0x77f, Arabic),
    (0x8a0, 0x8ff, Arabic),
    (0x900, 0x97f, Devanagari),
    (0x980, 0x9ff, Bengali),
    (0xa00, 0xa7f, Gurmukhi),
    (0xa80, 0xaff, Gujarati),
    (0xb80, 0xbff, Tamil),
    (0xc00, 0xc7f, Telugu),
    (0xc80, 0xcff, Kannada),
    (0xd00, 0xd7f, Malayalam),
    (0xd80, 0xdff, Sinhala),
    (0xe00, 0xe7f, Thai),
    (0xe80, 0xeff, Lao),
    (0xf00, 0xfff, Tibetan),
    (0x1000, 0x109f, Myanmar),
    (0x10a0, 0x10ff, Georgian),
    (0x1100, 0x11ff, Hangul),
    (0x1200, 0x139f, Ethiopic),
    (0x1780, 0x17ff, Khmer),
    (0x1c90, 0x1cbf, Georgian),
    (0x1e00, 0x1eff, Latin),
    (0x1f00, 0x1fff, Greek),
    (0x3041, 0x309f, Kana),
    (0x30a1, 0x30fa, Kana),
    (0x30fc, 0x30ff, Kana),
    (0x3131, 0x318e, Hangul),
    (0x3400, 0x4dbf, Han),
    (0x4e00, 0x9fff, Han),
    (0xac00, 0xd7a3, Hangul),
    (0xf900, 0xfaff, Han),
    (0xfb50, 0xfdff, Arabic),
    (0xfe70, 0xfefc, Arabic),
    (0xff66, 0xff9f, Kana),
    (0x20000, 0x323af, Han),
];

/// Letters of a title that are looked at; longer ones are no titles.
const MOST: usize = 1000;

/// What one sign of a script counts: one of a syllable or a word stands for about three
/// letters of an alphabet.
const fn weight(script: Script) -> usize {
    match script {
        Kana | Han | Hangul | Ethiopic => 3,
        _ => 1,
    }
}

/// The languages written in a script that marketplaces have, the likeliest first.
const fn written_in(script: Script) -> &'static [&'static str] {
    match script {
        Latin => &[],
        Kana => &["ja"],
        Han => &["zh", "ja", "yue"],
        Hangul => &["ko"],
        Cyrillic => &[
            "ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg", "uz", "az",
        ],
        Greek => &["el"],
        Arabic => &["ar", "fa", "ur", "ps", "ckb", "ug", "sd"],
        Hebrew => &["he", "iw", "yi"],
        Armenian => &["hy"],
        Georgian => &["ka"],
        Thai => &["th"],
        Lao => &["lo"],
        Khmer => &["km"],
        Myanmar => &["my"],
        Tibetan => &["bo", "dz"],
        Ethiopic => &["am", "ti"],
        Sinhala => &["si"],
        Devanagari => &["hi", "mr", "ne"],
        Bengali => &["bn", "as"],
        Gurmukhi => &["pa"],
        Gujarati => &["gu"],
        Tamil => &["ta"],
        Telugu => &["te"],
        Kannada => &["kn"],
        Malayalam => &["ml"],
    }
}

/// Letters that one language of a script has and the likeliest has not.
const TELLING: [(Script, &str, &str); 6] = [
    (Cyrillic, "uk", "іїєґІЇЄҐ"),
    (Cyrillic, "be", "ўЎ"),
    (Cyrillic, "sr", "ђћџјљњЂЋЏЈЉЊ"),
    (Cyrillic, "kk", "әғқңөұүһӘҒҚҢӨҰҮҺ"),
    (Arabic, "ur", "ٹڈڑںے"),
    (Arabic, "fa", "پچژگی"),
];

fn script_of(c: char) -> Option<Script> {
    let c = u32::from(c);
    let after = RANGES.partition_point(|(from, ..)| *from <= c);
    let (_, to, script) = RANGES.get(after.checked_sub(1)?)?;
    (c <= *to).then_some(*script)
}

/// The language that a title's script settles, as a code such as `ja`, where it is
/// another than the marketplace's. Nothing where the marketplace's stays: for titles
/// in Latin letters, in a script of its own language, and where neither outweighs.
///
/// ```
/// use markhound::languages::of_title;
/// assert_eq!(of_title("ルイヴィトン バッグ", Some("de")), Some("ja"));
/// assert_eq!(of_title("真皮手提包", Some("de")), Some("zh"));
/// assert_eq!(of_title("真皮手提包", Some("ja")), None);
/// assert_eq!(of_title("Ledertasche", Some("fr")), None);
/// ```
#[must_use]
pub fn of_title(title: &str, marketplace: Option<&str>) -> Option<&'static str> {
    let script = outweighing(title)?;
    let languages = written_in(script);
    let own = marketplace.and_then(|language| language.split(['-', '_']).next());
    if own.is_some_and(|own| {
        languages
            .iter()
            .any(|known| known.eq_ignore_ascii_case(own))
    }) {
        return None;
    }
    let told = TELLING
        .iter()
        .filter(|(of, ..)| *of == script)
        .find(|(.., letters)| title.chars().any(|c| letters.contains(c)));
    told.map(|(_, language, _)| *language)
        .or_else(|| languages.first().copied())
}

/// The script whose letters outweigh all others together. Kana and Han are one: Japanese
/// is written in both.
fn outweighing(title: &str) -> Option<Script> {
    let mut weights = std::collections::BTreeMap::<Script, usize>::new();
    let mut kana = 0;
    let mut only_of = true;
    let end = title
        .char_indices()
        .nth(MOST)
        .map_or(title.len(), |(at, _)| at);
    for word in title[..end].split_whitespace() {
        let letters = || word.chars().filter_map(script_of);
        // Latin words in disguise, with a letter or two of another alphabet, are Latin.
        let disguised = letters().any(|script| script == Latin);
        for (c, script) in word.chars().filter_map(|c| Some((c, script_of(c)?))) {
            let script = match script {
                Cyrillic | Greek | Armenian if disguised => Latin,
                Kana => {
                    kana += 1;
                    // Shops of Chinese names wear this one as an ornament.
                    only_of &= c == 'の';
                    Han
                }
                script => script,
            };
            *weights.entry(script).or_default() += weight(script);
        }
    }
    let all: usize = weights.values().sum();
    let (script, heaviest) = weights.into_iter().max_by_key(|(_, weight)| *weight)?;
    if script == Latin || 2 * heaviest <= all {
        return None;
    }
    match script {
        Han if kana > 0 && !(only_of && kana == 1) => Some(Kana),
        script => Some(script),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_in_order_and_do_not_overlap() {
        for pair in RANGES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn scripts_of_one_language_settle_it_whatever_the_marketplace() {
        for (title, language) in [
            ("ルイヴィトン モノグラム バッグ 正規品", "ja"),
            ("Louis Vuitton モノグラム バッグ", "ja"),
            ("ﾊﾝﾄﾞﾊﾞｯｸﾞ 中古", "ja"),
            ("정품 가죽 가방", "ko"),
            ("กระเป๋าหนังแท้", "th"),
            ("תיק עור מקורי", "he"),
            ("γνήσια δερμάτινη τσάντα", "el"),
            ("حقيبة جلدية أصلية", "ar"),
            ("کیف چرم اصل با گارانتی", "fa"),
            ("اصلی چمڑے کا بیگ", "ur"),
            ("Сумка кожаная оригинал", "ru"),
            ("Шкіряна сумка оригінал", "uk"),
            ("Кожна ташна нова, љубичаста", "sr"),
            ("真皮手提包 官方正品", "zh"),
            ("木の家 真皮包", "zh"),
            ("կաշվե պայուսակ", "hy"),
            ("ტყავის ჩანთა", "ka"),
            ("असली चमड़े का बैग", "hi"),
            ("தோல் பை", "ta"),
            ("ቦርሳ", "am"),
        ] {
            assert_eq!(of_title(title, Some("de")), Some(language), "{title}");
            assert_eq!(of_title(title, None), Some(language), "{title}");
            assert_eq!(of_title(title, Some(language)), None, "{title}");
        }
    }

    #[test]
    fn where_nothing_outweighs_the_marketplaces_language_stays() {
        for (title, marketplace) in [
            ("", "de"),
            ("Ledertasche, neu", "fr"),
            ("2024 — 100 % ★★★", "de"),
            ("Túi xách da thật chính hãng", "vi"),
            // Signs beside a long name in Latin letters.
            ("CANON EOS R5 MARK II RF24-105mm F4 L IS USM 新品", "de"),
            // Look-alike letters put into a Latin word.
            ("Guссі Аriа lеаthеr tоtе", "de"),
            ("真皮手提包", "ja-JP"),
            ("真皮手提包", "zh-TW"),
            ("Кожена чанта", "bg"),
            ("असली बैग", "mr"),
            ("کیف چرم", "ckb"),
        ] {
            assert_eq!(of_title(title, Some(marketplace)), None, "{title}");
        }
    }
}
