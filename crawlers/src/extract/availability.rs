//! The words for "can be bought", in the languages of shops.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::listing::Availability;
use Availability::{Discontinued, InStock, Limited, OutOfStock, PreOrder};

/// The longest text looked at, in characters.
const MAX_TEXT: usize = 200;

/// Words without spaces and punctuation, in lower case. Where several begin
/// at one place the longest counts: "nichtmehrlieferbar" before "nicht".
const WORDS: &[(&str, Availability)] = &[
    // English, schema.org, OpenGraph
    ("discontinued", Discontinued),
    ("nolongeravailable", Discontinued),
    ("nolongersold", Discontinued),
    ("endoflife", Discontinued),
    ("nolongerinproduction", Discontinued),
    ("retired", Discontinued),
    ("preorder", PreOrder),
    ("presale", PreOrder),
    ("backorder", PreOrder),
    ("availablefrom", PreOrder),
    ("availablesoon", PreOrder),
    ("comingsoon", PreOrder),
    ("madetoorder", PreOrder),
    ("availabletoorder", PreOrder),
    ("availablefororder", PreOrder),
    ("releasedate", PreOrder),
    ("shipswhenavailable", PreOrder),
    ("outofstock", OutOfStock),
    ("soldout", OutOfStock),
    ("notinstock", OutOfStock),
    ("notavailable", OutOfStock),
    ("unavailable", OutOfStock),
    ("nostock", OutOfStock),
    ("temporarilyout", OutOfStock),
    ("backinstocksoon", OutOfStock),
    ("notifymewhen", OutOfStock),
    ("emailmewhen", OutOfStock),
    ("whenavailable", OutOfStock),
    ("whenbackinstock", OutOfStock),
    ("noneleft", OutOfStock),
    ("reserved", OutOfStock),
    ("limitedavailability", Limited),
    ("lowstock", Limited),
    ("limitedstock", Limited),
    ("fewleft", Limited),
    ("lastone", Limited),
    ("lastitems", Limited),
    ("lastpieces", Limited),
    ("almostgone", Limited),
    ("almostsoldout", Limited),
    ("nearlysoldout", Limited),
    ("lastfew", Limited),
    ("sellingfast", Limited),
    ("limitedquantity", Limited),
    ("instock", InStock),
    ("instoreonly", InStock),
    ("onlineonly", InStock),
    ("available", InStock),
    ("readytoship", InStock),
    ("shipstoday", InStock),
    ("shipswithin", InStock),
    ("inventory", InStock),
    // German
    ("nichtmehrlieferbar", Discontinued),
    ("nichtmehrverfügbar", Discontinued),
    ("nichtmehrerhältlich", Discontinued),
    ("auslaufartikel", Limited),
    ("eingestellt", Discontinued),
    ("nichtmehrhergestellt", Discontinued),
    ("vorbestell", PreOrder),
    ("demnächst", PreOrder),
    ("verfügbarab", PreOrder),
    ("lieferbarab", PreOrder),
    ("erscheint", PreOrder),
    ("aufbestellung", PreOrder),
    ("ausverkauft", OutOfStock),
    ("nichtauflager", OutOfStock),
    ("nichtverfügbar", OutOfStock),
    ("nichtlieferbar", OutOfStock),
    ("nichtvorrätig", OutOfStock),
    ("vergriffen", OutOfStock),
    ("verkauft", OutOfStock),
    ("sobaldverfügbar", OutOfStock),
    ("wennverfügbar", OutOfStock),
    ("derzeitnicht", OutOfStock),
    ("momentannicht", OutOfStock),
    ("nichtmehrauflager", OutOfStock),
    ("nichtmehrvorrätig", OutOfStock),
    ("nurnochwenige", Limited),
    ("wenigestück", Limited),
    ("geringerbestand", Limited),
    ("knapperbestand", Limited),
    ("knapperlagerbestand", Limited),
    ("geringerlagerbestand", Limited),
    ("fastausverkauft", Limited),
    ("letztesexemplar", Limited),
    ("letzteexemplare", Limited),
    ("wenigeverfügbar", Limited),
    ("auflager", InStock),
    ("sofortlieferbar", InStock),
    ("verfügbar", InStock),
    ("lieferbar", InStock),
    ("vorrätig", InStock),
    ("aufvorrat", InStock),
    ("versandfertig", InStock),
    ("lagernd", InStock),
    ("erhältlich", InStock),
    // French
    ("nestplusdisponible", Discontinued),
    ("plusdisponible", Discontinued),
    ("plusfabriqué", Discontinued),
    ("arrêté", Discontinued),
    ("finderesérie", Discontinued),
    ("précommande", PreOrder),
    ("précommander", PreOrder),
    ("bientôtdisponible", PreOrder),
    ("disponibleàpartir", PreOrder),
    ("disponibleprochainement", PreOrder),
    ("surcommande", PreOrder),
    ("épuisé", OutOfStock),
    ("rupture", OutOfStock),
    ("indisponible", OutOfStock),
    ("nondisponible", OutOfStock),
    ("pasenstock", OutOfStock),
    ("horsstock", OutOfStock),
    ("pasdisponible", OutOfStock),
    ("plusenstock", OutOfStock),
    ("vendu", OutOfStock),
    ("prévenezmoi", OutOfStock),
    ("stocklimité", Limited),
    ("derniersarticles", Limited),
    ("dernièrespièces", Limited),
    ("dernierexemplaire", Limited),
    ("quantitélimitée", Limited),
    ("bientôtépuisé", Limited),
    ("presqueépuisé", Limited),
    ("enstock", InStock),
    ("disponib", InStock),
    ("expédiésous", InStock),
    // Spanish
    ("descatalogado", Discontinued),
    ("descontinuado", Discontinued),
    ("yanodisponible", Discontinued),
    ("yanoestádisponible", Discontinued),
    ("preventa", PreOrder),
    ("reservaahora", PreOrder),
    ("próximamente", PreOrder),
    ("bajopedido", PreOrder),
    ("preordenar", PreOrder),
    ("agotado", OutOfStock),
    ("sinstock", OutOfStock),
    ("sinexistencias", OutOfStock),
    ("nodisponible", OutOfStock),
    ("nohaystock", OutOfStock),
    ("vendido", OutOfStock),
    ("fueradestock", OutOfStock),
    ("nohayexistencias", OutOfStock),
    ("últimasunidades", Limited),
    ("pocasunidades", Limited),
    ("últimaunidad", Limited),
    ("stocklimitado", Limited),
    ("enexistencia", InStock),
    ("hayexistencias", InStock),
    ("haystock", InStock),
    // Italian
    ("fuoriproduzione", Discontinued),
    ("nonpiùdisponibile", Discontinued),
    ("fuoricatalogo", Discontinued),
    ("preordin", PreOrder),
    ("prossimamente", PreOrder),
    ("inarrivo", PreOrder),
    ("suordinazione", PreOrder),
    ("prevendita", PreOrder),
    ("esaurito", OutOfStock),
    ("nondisponibile", OutOfStock),
    ("terminato", OutOfStock),
    ("venduto", OutOfStock),
    ("noninmagazzino", OutOfStock),
    ("esaurita", OutOfStock),
    ("ultimipezzi", Limited),
    ("ultimopezzo", Limited),
    ("disponibilitàlimitata", Limited),
    ("pochipezzi", Limited),
    ("inesaurimento", Limited),
    ("inmagazzino", InStock),
    ("prontaconsegna", InStock),
    ("instocka", InStock),
    // Portuguese
    ("descontinuad", Discontinued),
    ("foradelinha", Discontinued),
    ("nãomaisdisponível", Discontinued),
    ("prévenda", PreOrder),
    ("embreve", PreOrder),
    ("sobencomenda", PreOrder),
    ("préencomenda", PreOrder),
    ("esgotado", OutOfStock),
    ("indisponível", OutOfStock),
    ("nãodisponível", OutOfStock),
    ("semestoque", OutOfStock),
    ("semstock", OutOfStock),
    ("foradeestoque", OutOfStock),
    ("aviseme", OutOfStock),
    ("últimaspeças", Limited),
    ("poucasunidades", Limited),
    ("emestoque", InStock),
    ("emstock", InStock),
    ("disponív", InStock),
    ("prontaentrega", InStock),
    // Dutch
    ("nietmeerleverbaar", Discontinued),
    ("nietmeerverkrijgbaar", Discontinued),
    ("uitassortiment", Discontinued),
    ("nietmeerbeschikbaar", Discontinued),
    ("binnenkort", PreOrder),
    ("reserveer", PreOrder),
    ("opbestelling", PreOrder),
    ("voorbestel", PreOrder),
    ("uitverkocht", OutOfStock),
    ("nietopvoorraad", OutOfStock),
    ("nietleverbaar", OutOfStock),
    ("nietvoorradig", OutOfStock),
    ("nietbeschikbaar", OutOfStock),
    ("tijdelijkniet", OutOfStock),
    ("verkocht", OutOfStock),
    ("laatstestuks", Limited),
    ("beperktevoorraad", Limited),
    ("bijnauitverkocht", Limited),
    ("beperktbeschikbaar", Limited),
    ("nogmaar", Limited),
    ("opvoorraad", InStock),
    ("leverbaar", InStock),
    ("voorradig", InStock),
    ("beschikbaar", InStock),
    // Swedish, Danish, Norwegian, Finnish
    ("utgått", Discontinued),
    ("utgåttursortimentet", Discontinued),
    ("udgået", Discontinued),
    ("utgår", Discontinued),
    ("poistunut", Discontinued),
    ("förhandsbok", PreOrder),
    ("forudbestil", PreOrder),
    ("forhåndsbestill", PreOrder),
    ("ennakkotila", PreOrder),
    ("kommersnart", PreOrder),
    ("kommerinart", PreOrder),
    ("tulossa", PreOrder),
    ("beställningsvara", PreOrder),
    ("bestillingsvare", PreOrder),
    ("slutsåld", OutOfStock),
    ("slutilager", OutOfStock),
    ("ejilager", OutOfStock),
    ("finnsejilager", OutOfStock),
    ("inteilager", OutOfStock),
    ("tillfälligtslut", OutOfStock),
    ("udsolgt", OutOfStock),
    ("ikkepålager", OutOfStock),
    ("utsolgt", OutOfStock),
    ("ikketilgjengelig", OutOfStock),
    ("loppu", OutOfStock),
    ("eivarastossa", OutOfStock),
    ("eisaatavilla", OutOfStock),
    ("eioleva", OutOfStock),
    ("fåtal", Limited),
    ("fåpålager", Limited),
    ("fåilager", Limited),
    ("fåtilbage", Limited),
    ("fåigjen", Limited),
    ("rajoitetusti", Limited),
    ("viimeiset", Limited),
    ("ilager", InStock),
    ("pålager", InStock),
    ("finnsilager", InStock),
    ("tillgänglig", InStock),
    ("tilgængelig", InStock),
    ("tilgjengelig", InStock),
    ("varastossa", InStock),
    ("saatavilla", InStock),
    ("skickasinom", InStock),
    // Polish
    ("wycofan", Discontinued),
    ("produktwycofany", Discontinued),
    ("przedsprzedaż", PreOrder),
    ("zapowiedź", PreOrder),
    ("wkrótce", PreOrder),
    ("nazamówienie", PreOrder),
    ("wyprzedan", OutOfStock),
    ("niedostępn", OutOfStock),
    ("brakwmagazynie", OutOfStock),
    ("brakproduktu", OutOfStock),
    ("braktowaru", OutOfStock),
    ("chwilowobrak", OutOfStock),
    ("powiadomodostępności", OutOfStock),
    ("powiadommnie", OutOfStock),
    ("ostatniesztuki", Limited),
    ("małailość", Limited),
    ("ostatniasztuka", Limited),
    ("naostatnie", Limited),
    ("dostępn", InStock),
    ("wmagazynie", InStock),
    ("nastanie", InStock),
    ("wysyłkaw", InStock),
    ("dużailość", InStock),
    // Czech, Slovak
    ("ukončen", Discontinued),
    ("prodejukončen", Discontinued),
    ("jižsenevyrábí", Discontinued),
    ("predajukončen", Discontinued),
    ("předobjedn", PreOrder),
    ("predobjedn", PreOrder),
    ("připravujeme", PreOrder),
    ("naobjednávku", PreOrder),
    ("očekáváme", PreOrder),
    ("vyprodán", OutOfStock),
    ("nenískladem", OutOfStock),
    ("nedostupn", OutOfStock),
    ("vypredan", OutOfStock),
    ("niejeskladom", OutOfStock),
    ("momentálněnení", OutOfStock),
    ("hlídatdostupnost", OutOfStock),
    ("posledníkus", Limited),
    ("poslednékusy", Limited),
    ("poslednýkus", Limited),
    ("posledníkusy", Limited),
    ("skladem", InStock),
    ("skladom", InStock),
    ("dostupn", InStock),
    ("kodeslání", InStock),
    // Hungarian, Romanian
    ("megszűnt", Discontinued),
    ("kifutott", Discontinued),
    ("scosdinproducție", Discontinued),
    ("numaiestedisponibil", Discontinued),
    ("előrendel", PreOrder),
    ("hamarosan", PreOrder),
    ("rendelésre", PreOrder),
    ("precomand", PreOrder),
    ("încurând", PreOrder),
    ("lacomandă", PreOrder),
    ("elfogyott", OutOfStock),
    ("nincsraktáron", OutOfStock),
    ("nincskészleten", OutOfStock),
    ("nemelérhető", OutOfStock),
    ("nemrendelhető", OutOfStock),
    ("stocepuizat", OutOfStock),
    ("indisponibil", OutOfStock),
    ("nuesteînstoc", OutOfStock),
    ("nuestedisponibil", OutOfStock),
    ("epuizat", OutOfStock),
    ("utolsódarab", Limited),
    ("utolsódarabok", Limited),
    ("alacsonykészlet", Limited),
    ("stoclimitat", Limited),
    ("ultimeleproduse", Limited),
    ("ultimelebucăți", Limited),
    ("raktáron", InStock),
    ("készleten", InStock),
    ("elérhető", InStock),
    ("rendelhető", InStock),
    ("înstoc", InStock),
    ("instoc", InStock),
    // Russian, Ukrainian, Bulgarian
    ("снятспроизводства", Discontinued),
    ("снятаспроизводства", Discontinued),
    ("снятоспроизводства", Discontinued),
    ("большеневыпускается", Discontinued),
    ("знятозвиробництва", Discontinued),
    ("спряноотпроизводство", Discontinued),
    ("большенепродается", Discontinued),
    ("большенедоступ", Discontinued),
    ("предзаказ", PreOrder),
    ("подзаказ", PreOrder),
    ("скоровпродаже", PreOrder),
    ("ожидается", PreOrder),
    ("передзамовлення", PreOrder),
    ("підзамовлення", PreOrder),
    ("предварителнапоръчка", PreOrder),
    ("очаквайте", PreOrder),
    ("поръчка", PreOrder),
    ("нетвналичии", OutOfStock),
    ("распродан", OutOfStock),
    ("отсутствует", OutOfStock),
    ("закончил", OutOfStock),
    ("недоступ", OutOfStock),
    ("немаєвнаявності", OutOfStock),
    ("відсутн", OutOfStock),
    ("закінчи", OutOfStock),
    ("изчерпан", OutOfStock),
    ("няманаличност", OutOfStock),
    ("неналичен", OutOfStock),
    ("нетнаскладе", OutOfStock),
    ("сообщитьопоступлении", OutOfStock),
    ("товарзакончился", OutOfStock),
    ("неналичност", OutOfStock),
    ("разпродаден", OutOfStock),
    ("продано", OutOfStock),
    ("осталосьмало", Limited),
    ("заканчивается", Limited),
    ("последний", Limited),
    ("последниеэкземпляры", Limited),
    ("закінчується", Limited),
    ("ограниченоколичество", Limited),
    ("маловналичии", Limited),
    ("ограниченнаяналичность", Limited),
    ("последниброй", Limited),
    ("последнибройки", Limited),
    ("вналичии", InStock),
    ("естьнаскладе", InStock),
    ("наскладе", InStock),
    ("внаявності", InStock),
    ("єнаскладі", InStock),
    ("вналичност", InStock),
    ("наличен", InStock),
    ("доступ", InStock),
    ("наличност", InStock),
    ("насклад", InStock),
    ("налични", InStock),
    // Greek, Turkish
    ("καταργήθηκε", Discontinued),
    ("καταργημένο", Discontinued),
    ("üretimdenkalktı", Discontinued),
    ("satışakapalı", Discontinued),
    ("προπαραγγελία", PreOrder),
    ("προπαραγγελια", PreOrder),
    ("κατόπινπαραγγελίας", PreOrder),
    ("σύντοματηδιάθεση", PreOrder),
    ("σύντομα", PreOrder),
    ("önsipariş", PreOrder),
    ("yakında", PreOrder),
    ("εξαντλήθηκε", OutOfStock),
    ("εξαντλημένο", OutOfStock),
    ("μηδιαθέσιμο", OutOfStock),
    ("εκτόςαποθέματος", OutOfStock),
    ("δενείναιδιαθέσιμο", OutOfStock),
    ("stoktayok", OutOfStock),
    ("tükendi", OutOfStock),
    ("stokyok", OutOfStock),
    ("mevcutdeğil", OutOfStock),
    ("gelincehaberver", OutOfStock),
    ("τελευταίατεμάχια", Limited),
    ("τελευταίοκομμάτι", Limited),
    ("λίγατεμάχια", Limited),
    ("περιορισμένηδιαθεσιμότητα", Limited),
    ("sonürün", Limited),
    ("sonürünler", Limited),
    ("tükenmeküzere", Limited),
    ("sınırlıstok", Limited),
    ("azkaldı", Limited),
    ("διαθέσιμο", InStock),
    ("σεαπόθεμα", InStock),
    ("ετοιμοπαράδοτο", InStock),
    ("stokta", InStock),
    ("mevcut", InStock),
    ("hemenkargoda", InStock),
    // Japanese, Chinese, Korean
    ("販売終了", Discontinued),
    ("生産終了", Discontinued),
    ("取扱終了", Discontinued),
    ("廃盤", Discontinued),
    ("已下架", Discontinued),
    ("停产", Discontinued),
    ("停產", Discontinued),
    ("단종", Discontinued),
    ("판매종료", Discontinued),
    ("予約", PreOrder),
    ("入荷予定", PreOrder),
    ("お取り寄せ", PreOrder),
    ("预售", PreOrder),
    ("预订", PreOrder),
    ("預購", PreOrder),
    ("即将上市", PreOrder),
    ("예약", PreOrder),
    ("売り切れ", OutOfStock),
    ("売切れ", OutOfStock),
    ("在庫切れ", OutOfStock),
    ("在庫なし", OutOfStock),
    ("在庫がありません", OutOfStock),
    ("品切れ", OutOfStock),
    ("完売", OutOfStock),
    ("入荷待ち", OutOfStock),
    ("缺货", OutOfStock),
    ("缺貨", OutOfStock),
    ("售罄", OutOfStock),
    ("售完", OutOfStock),
    ("无货", OutOfStock),
    ("無貨", OutOfStock),
    ("没有库存", OutOfStock),
    ("暂无库存", OutOfStock),
    ("補貨中", OutOfStock),
    ("补货中", OutOfStock),
    ("到货通知", OutOfStock),
    ("貨到通知", OutOfStock),
    ("库存不足", OutOfStock),
    ("已售出", OutOfStock),
    ("품절", OutOfStock),
    ("재고없음", OutOfStock),
    ("일시품절", OutOfStock),
    ("残りわずか", Limited),
    ("在庫わずか", Limited),
    ("残り僅か", Limited),
    ("在庫僅少", Limited),
    ("库存紧张", Limited),
    ("仅剩", Limited),
    ("僅剩", Limited),
    ("少量库存", Limited),
    ("품절임박", Limited),
    ("소량", Limited),
    ("在庫あり", InStock),
    ("在庫有", InStock),
    ("即納", InStock),
    ("有货", InStock),
    ("有貨", InStock),
    ("现货", InStock),
    ("現貨", InStock),
    ("有库存", InStock),
    ("재고있음", InStock),
    ("구매가능", InStock),
    // Arabic, Hebrew, Vietnamese, Indonesian, Thai
    ("متوقف", Discontinued),
    ("לאמיוצר", Discontinued),
    ("ngừngkinhdoanh", Discontinued),
    ("ngừngsảnxuất", Discontinued),
    ("طلبمسبق", PreOrder),
    ("متوفرقريبا", PreOrder),
    ("הזמנהמוקדמת", PreOrder),
    ("đặttrước", PreOrder),
    ("hàngsắpvề", PreOrder),
    ("sắpcóhàng", PreOrder),
    ("prapesan", PreOrder),
    ("พรีออเดอร์", PreOrder),
    ("สั่งจองล่วงหน้า", PreOrder),
    ("غيرمتوفر", OutOfStock),
    ("نفد", OutOfStock),
    ("نفذ", OutOfStock),
    ("غيرمتاح", OutOfStock),
    ("אזלמהמלאי", OutOfStock),
    ("אזל", OutOfStock),
    ("לאבמלאי", OutOfStock),
    ("לאזמין", OutOfStock),
    ("hếthàng", OutOfStock),
    ("tạmhếthàng", OutOfStock),
    ("habis", OutOfStock),
    ("tidaktersedia", OutOfStock),
    ("stokkosong", OutOfStock),
    ("สินค้าหมด", OutOfStock),
    ("หมด", OutOfStock),
    ("كميةمحدودة", Limited),
    ("מלאימוגבל", Limited),
    ("sắphếthàng", Limited),
    ("stokterbatas", Limited),
    ("hampirhabis", Limited),
    ("tersisa", Limited),
    ("ใกล้หมด", Limited),
    ("متوفر", InStock),
    ("متاح", InStock),
    ("במלאי", InStock),
    ("זמין", InStock),
    ("cònhàng", InStock),
    ("cósẵn", InStock),
    ("tersedia", InStock),
    ("stokada", InStock),
    ("มีสินค้า", InStock),
    ("พร้อมส่ง", InStock),
];

/// Words that turn a good word behind them round, if nothing parts them.
const NOT: &[&str] = &[
    "not",
    "no",
    "isn't",
    "aren't",
    "currently not",
    "nicht",
    "kein",
    "keine",
    "non",
    "pas",
    "ne",
    "n'est",
    "no hay",
    "sin",
    "sem",
    "não",
    "niet",
    "geen",
    "inte",
    "ej",
    "ikke",
    "ei",
    "nie",
    "brak",
    "není",
    "neni",
    "nem",
    "nincs",
    "nu",
    "нет",
    "не",
    "немає",
    "няма",
    "δεν",
    "μη",
    "yok",
    "değil",
    "لا",
    "ليس",
    "غير",
    "לא",
    "không",
    "tidak",
    "ไม่",
];
/// Words that end a "not": "not in Berlin, but in stock".
const BUT: &[char] = &['.', ',', ';', '!', '|', '('];
/// Words beside a count that make it the rest of a stock.
const LEFT: &[&str] = &[
    "left",
    "only",
    "remaining",
    "last",
    "noch",
    "nur",
    "übrig",
    "verbleibend",
    "plus que",
    "reste",
    "restant",
    "restants",
    "quedan",
    "queda",
    "solo",
    "sólo",
    "rimasti",
    "rimasto",
    "restam",
    "resta",
    "apenas",
    "nog",
    "over",
    "kvar",
    "tilbage",
    "igjen",
    "jäljellä",
    "tylko",
    "pozostało",
    "ostatnie",
    "posledních",
    "zbývá",
    "zostáva",
    "maradt",
    "csak",
    "rămase",
    "doar",
    "осталось",
    "остался",
    "залишилось",
    "остават",
    "απομένουν",
    "μόνο",
    "kaldı",
    "sadece",
    "残り",
    "残",
    "剩",
    "남음",
    "còn",
    "tersisa",
    "متبقي",
    "נותרו",
];
/// Words beside a count that make it a stock.
const COUNTED: &[&str] = &[
    "stock",
    "available",
    "inventory",
    "availability",
    "in store",
    "pcs available",
    "lager",
    "lagerbestand",
    "bestand",
    "verfügbar",
    "vorrätig",
    "disponib",
    "existencias",
    "unidades",
    "magazzino",
    "estoque",
    "voorraad",
    "saldo",
    "varast",
    "magazyn",
    "sztuk",
    "sklad",
    "raktár",
    "készlet",
    "stoc",
    "налич",
    "склад",
    "остат",
    "наявн",
    "απόθεμα",
    "διαθ",
    "stok",
    "在庫",
    "库存",
    "庫存",
    "재고",
    "tồn kho",
    "مخزون",
    "מלאי",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(WORDS.iter().map(|(word, _)| word))
        .ok()
});

/// The words, as [`parse`] looks for them: letters and digits only.
pub(super) fn spoken() -> impl Iterator<Item = &'static str> {
    const TOO_COMMON: [&str; 12] = [
        "inventory",
        "reserved",
        "retired",
        "verkauft",
        "vendu",
        "vendido",
        "venduto",
        "verkocht",
        "arrêté",
        "σύντομα",
        "доступ",
        "hamarosan",
    ];
    WORDS
        .iter()
        .map(|(word, _)| *word)
        .filter(|word| !TOO_COMMON.contains(word))
}

/// What a schema.org address, an API constant, a truth value, a count or a
/// shop's own words say; none when they say nothing known.
///
/// Of several statements the first counts, but one that an article cannot be
/// bought comes before one that it can: "Notify me when available".
pub(crate) fn parse(text: &str) -> Option<Availability> {
    let text: String = text
        .trim()
        .chars()
        .take(MAX_TEXT)
        .flat_map(char::to_lowercase)
        .collect();
    let (squeezed, places) = squeezed(&text);
    match squeezed.as_str() {
        "true" | "1" | "yes" | "y" => return Some(InStock),
        "false" | "0" | "no" | "n" | "oos" => return Some(OutOfStock),
        _ => {}
    }
    if let Some(meaning) = counted(&text) {
        return Some(meaning);
    }
    let mut best: Option<Availability> = None;
    for found in FINDER.as_ref()?.find_iter(&squeezed) {
        let (word, mut meaning) = WORDS[found.pattern().as_usize()];
        let start = places.get(found.start()).copied().unwrap_or(0);
        if !begins_a_word(&text, start, word) {
            continue;
        }
        if matches!(meaning, InStock | Limited) && is_negated(&text[..start]) {
            meaning = OutOfStock;
        }
        if best.is_none_or(|known| rank(meaning) < rank(known)) {
            best = Some(meaning);
        }
    }
    best
}

/// Whether a text is a count of what is left.
pub(super) fn is_count(text: &str) -> bool {
    counted(&text.to_lowercase()).is_some()
}

/// The less can be bought, the more a word counts beside others.
const fn rank(meaning: Availability) -> u8 {
    match meaning {
        Discontinued => 0,
        PreOrder => 1,
        OutOfStock => 2,
        Limited => 3,
        InStock => 4,
    }
}

/// Letters and digits alone, and for each byte where it stood.
fn squeezed(text: &str) -> (String, Vec<usize>) {
    let mut out = String::new();
    let mut places = Vec::new();
    for (at, c) in text.char_indices() {
        // Combining marks are parts of Thai and Hindi words.
        if c.is_alphanumeric() || ('\u{e31}'..='\u{e4e}').contains(&c) {
            out.push(c);
            places.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
    }
    (out, places)
}

/// A short word must not be the end of another: "notavailable" is found as a
/// whole, "unavailable" too, but "sold" is in "unsold".
fn begins_a_word(text: &str, start: usize, word: &str) -> bool {
    let cased = |c: char| c.is_lowercase() || c.is_uppercase();
    let before = text[..start].chars().next_back();
    word.chars().count() > 8 || !(before.is_some_and(cased) && word.starts_with(cased))
}

fn is_negated(before: &str) -> bool {
    let clause = before.rsplit(BUT).next().unwrap_or(before);
    let words: Vec<&str> = clause
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|w| !w.is_empty())
        .collect();
    words.iter().rev().take(4).any(|word| NOT.contains(word))
}

/// "3 left", "Stock: 12", "0 available".
fn counted(text: &str) -> Option<Availability> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    let end = start + digits;
    let before = text[..start].trim_end();
    let after = &text[end..];
    let is_amount = after.starts_with(['.', ',', '%', '-', '/'])
        || after.trim_start().starts_with(['€', '$', '£', '%'])
        || before.ends_with(['€', '$', '£', '¥', '.', ',', '-', '/']);
    let second = after.contains(|c: char| c.is_ascii_digit());
    if is_amount || second || digits > 6 || text.chars().count() > 60 {
        return None;
    }
    let count: u32 = text[start..end].parse().ok()?;
    let holds = |words: &[&str]| words.iter().any(|word| holds_word(text, word));
    // "Ships in 3 days", "available in 2 weeks" count days.
    let of_time = [
        "day", "tag", "jour", "día", "dia", "giorn", "dag", "dni", "dn", "nap", "zile", "дн",
        "gün", "日", "天", "week", "woche", "semaine", "hour", "stunde", "h", "month", "monat",
    ];
    let unit = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    if of_time.iter().any(|word| unit.starts_with(word)) {
        return None;
    }
    if count == 0 && (holds(LEFT) || holds_part(text, COUNTED)) {
        return Some(OutOfStock);
    }
    if holds(LEFT) {
        return Some(Limited);
    }
    (holds_part(text, COUNTED)
        && FINDER.as_ref().is_some_and(|finder| {
            // What else the words say counts more: "0 days", "out of stock (12)".
            let (squeezed, _) = squeezed(text);
            finder
                .find_iter(&squeezed)
                .all(|found| matches!(WORDS[found.pattern().as_usize()].1, InStock))
        })
        && !is_negated(text))
    .then_some(InStock)
}

fn holds_part(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn holds_word(text: &str, word: &str) -> bool {
    let cased = |c: char| c.is_lowercase() || c.is_uppercase();
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !(word.starts_with(cased) && (before.is_some_and(cased) || after.is_some_and(cased)))
    })
}

#[cfg(test)]
#[path = "availability_tests.rs"]
mod tests;
